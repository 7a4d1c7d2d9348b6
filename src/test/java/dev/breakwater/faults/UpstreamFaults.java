package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.TestImage;
import dev.breakwater.upstream.TimeLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the tests of faulty upstreams start from: an upstream that misbehaves, the whole product in
 * front of it, and a client that looks closely.
 */
abstract class UpstreamFaults {
  static final String NGINX = "library/nginx";
  static final String TAG = "1.27";
  static final int LARGE = 3_000_000;

  /** For tests in which upstream is silent. */
  static final TimeLimits IMPATIENT =
      new TimeLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(2),
          Duration.ofMillis(400),
          1,
          Duration.ofSeconds(60));

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path data;

  final TestImage image = TestImage.docker().layer(LARGE).layer(50_000).build();

  /** Large enough to be streamed while it comes. */
  final Content layer = image.layer(0);

  /** Small enough to be proven before its first byte is sent. */
  final Content small = image.layer(1);

  FaultyRegistry upstream;
  RunningMirror mirror;
  PullClient client;

  /** An upstream with Docker Hub's ways that holds the image. */
  static FaultyRegistryBuilder registry() {
    return FaultyRegistry.builder().bearer().redirectBlobs();
  }

  void start() throws Exception {
    start(registry());
  }

  void start(FaultyRegistryBuilder registry) throws Exception {
    start(registry, mirror -> mirror);
  }

  /** Starts all three. Every request for a tag asks upstream, unless {@code how} says otherwise. */
  void start(FaultyRegistryBuilder registry, UnaryOperator<RunningMirror.Builder> how)
      throws Exception {
    upstream = registry.start().put(NGINX, TAG, image);
    RunningMirror.Builder builder = RunningMirror.of(upstream, data);
    mirrorOf(
        how.apply(
            builder
                .set("BREAKWATER_CACHE_TAG_TTL", "0s")
                .set("BREAKWATER_CACHE_PREFETCH", "false")));
  }

  void mirrorOf(RunningMirror.Builder builder) throws Exception {
    mirror = builder.start();
    client = new PullClient(mirror.uri());
  }

  @AfterEach
  void stop() {
    if (client != null) {
      client.close();
    }
    if (mirror != null) {
      mirror.close();
    }
    if (upstream != null) {
      upstream.close();
    }
  }

  Reply manifest() {
    return client.manifest(NGINX, TAG);
  }

  Reply fetch(Content blob) {
    return client.blob(NGINX, blob.digest());
  }

  /** Pulls all of it and waits until it is in the cache. */
  void pull(TestImage wanted) {
    assertRight(manifest(), wanted.manifest());
    for (Content blob : wanted.blobs().values()) {
      assertRight(fetch(blob), blob);
    }
    mirror.awaitNoDownloads();
  }

  /**
   * The first reply that is no refusal: a registry that failed often is only tried now and then.
   */
  static Reply insist(Supplier<Reply> request) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Reply reply = request.get();
    while (reply.status() >= 400 && System.nanoTime() < deadline) {
      reply = request.get();
    }
    return reply;
  }

  static void assertRight(Reply reply, Content truth) {
    assertThat(reply.verdict(truth)).as("%s", reply).isEqualTo(Reply.Verdict.RIGHT);
  }

  static void assertShort(Reply reply, Content truth) {
    assertThat(reply.verdict(truth)).as("%s", reply).isEqualTo(Reply.Verdict.SHORT);
  }

  /** The old answer, marked as such. */
  static void assertStale(Reply reply, Content truth) {
    assertRight(reply, truth);
    assertThat(reply.header("Cache-Status")).contains("fwd=stale");
  }

  /**
   * A manifest that an unavailable upstream keeps us from: clients go to the next host, or retry.
   */
  static void assertUnavailable(Reply reply) {
    assertRefused(reply, 503, "UNAVAILABLE");
    assertThat(reply.header("Retry-After")).as("%s", reply).isNotEmpty();
  }

  /** Missing, or private: clients go on to the real registry with their own credentials. */
  static void assertManifestUnknown(Reply reply) {
    assertRefused(reply, 404, "MANIFEST_UNKNOWN");
  }

  /** Whatever the cause, for dockerd repeats a blob's 5xx for 50 seconds. */
  static void assertBlobUnknown(Reply reply) {
    assertRefused(reply, 404, "BLOB_UNKNOWN");
  }

  private static void assertRefused(Reply reply, int status, String code) {
    assertThat(reply.status()).as("%s", reply).isEqualTo(status);
    assertThat(reply.code()).as("%s", reply).isEqualTo(code);
    assertThat(reply.message()).as("%s", reply).isNotEmpty();
    assertThat(reply.header("WWW-Authenticate")).as("%s", reply).isEmpty();
  }

  /** No blob and not a byte of one is on the disk. */
  void assertNothingKept() {
    assertThat(mirror.storedBlobs()).isEmpty();
    assertThat(mirror.partialBytes()).isZero();
  }

  /** What is in the cache is what upstream has, and nothing else. */
  void assertOnlyTruthIsKept(Map<Digest, Content> truths) throws IOException {
    for (Path file : mirror.storedBlobs()) {
      Digest name = Digest.parse("sha256:" + file.getFileName());
      assertThat(truths).containsKey(name);
      assertThat(Digest.ofSha256(Files.readAllBytes(file))).isEqualTo(name);
    }
  }
}
