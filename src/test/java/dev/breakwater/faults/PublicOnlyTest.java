package dev.breakwater.faults;

import static dev.breakwater.testing.RequestMatcher.any;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TurnedClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A mirror with an account: its clients get what upstream gives to anonymous users, by every path,
 * cached or not, while upstream answers and while it does not.
 */
@Tag("slow")
class PublicOnlyTest extends UpstreamFaults {
  private static final String SECRET = "team/secret";
  private static final Duration TTL = Duration.ofSeconds(60);

  private final TurnedClock clock = TurnedClock.standing();
  private final TestImage other = TestImage.oci().seed(7).layer(1000).build();

  private static FaultyRegistryBuilder hub() {
    return registry().account("owner", "pw");
  }

  private void begin(FaultyRegistryBuilder registry) throws Exception {
    upstream = registry.start().put(NGINX, TAG, image).put(SECRET, TAG, other);
    run(Map.of());
  }

  /** Starts a mirror with an account, over what the one before has cached. */
  private void run(Map<String, String> settings) throws Exception {
    if (mirror != null) {
      client.close();
      mirror.close();
    }
    RunningMirror.Builder builder =
        RunningMirror.of(upstream, data)
            .clock(clock)
            .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_USERNAME", "owner")
            .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_PASSWORD", "pw")
            .set("BREAKWATER_CACHE_NEGATIVE_TTL", "0s");
    settings.forEach((key, value) -> builder.set("BREAKWATER_" + key, value));
    mirrorOf(builder);
  }

  /** Caches all of both images, the private one too, as a mirror that opens everything. */
  private void cacheEverything() throws Exception {
    run(Map.of("UPSTREAMS_DOCKER_IO_PUBLIC_ONLY", "false"));
    pull(image);
    paths(SECRET, other).forEach(path -> assertThat(client.get(path).status()).isEqualTo(200));
    mirror.awaitNoDownloads();
  }

  /** Every way to ask for something of an image. */
  private static List<String> paths(String repository, TestImage image) {
    String base = "/v2/" + repository;
    List<String> paths = new ArrayList<>();
    paths.add(base + "/manifests/" + TAG);
    paths.add(base + "/manifests/" + image.digest());
    for (Content blob : image.blobs().values()) {
      paths.add(base + "/blobs/" + blob.digest());
    }
    paths.add(base + "/blobs/" + image.digest());
    paths.add(base + "/tags/list");
    paths.add(base + "/referrers/" + image.digest());
    return paths;
  }

  private void assertServed(String repository, TestImage image) {
    for (String path : paths(repository, image)) {
      assertThat(client.get(path).status()).as(path).isEqualTo(200);
      assertThat(client.head(path).status()).as("HEAD %s", path).isEqualTo(200);
    }
    assertThat(client.blob(repository, image.layer(0).digest(), 10).status()).isEqualTo(206);
    assertThat(client.get("/v2/_catalog").body()).asString().contains('"' + repository + '"');
  }

  /** No path gives a byte of it, and all say why. */
  private void assertPrivate(String repository, TestImage image) {
    try (AccessLines lines = new AccessLines()) {
      for (String path : paths(repository, image)) {
        Reply reply = client.get(path);
        assertThat(reply.status()).as("%s: %s", path, reply).isEqualTo(404);
        assertThat(reply.code()).as(path).endsWith("_UNKNOWN");
        assertThat(reply.header("WWW-Authenticate")).isEmpty();
        assertThat(lineOf(path, lines))
            .as(path)
            .containsEntry("cause", "not-public")
            .containsEntry("cache", "negative");
        assertThat(client.head(path).status()).as("HEAD %s", path).isEqualTo(404);
        assertThat(lineOf(path, lines)).as(path).containsEntry("cause", "not-public");
      }
      assertThat(client.blob(repository, image.layer(0).digest(), 10).status()).isEqualTo(404);
    }
    assertThat(client.get("/v2/_catalog").body()).asString().doesNotContain(repository);
    assertThat(mirror.metric("failed_requests_total", "cause=\"not-public\"")).isPositive();
  }

  /** The next line about that path: one of an earlier request may still be on its way. */
  private static Map<String, String> lineOf(String path, AccessLines lines) {
    Map<String, String> line = lines.next();
    while (!path.equals(line.get("path"))) {
      line = lines.next();
    }
    return line;
  }

  /** Nothing of it was asked for with the account. */
  private void assertNotAskedByTheAccount(String repository) {
    assertThat(upstream.requests(any().repository(repository)))
        .allSatisfy(
            request ->
                assertThat(request.authorization().orElse("anonymous")).endsWith("anonymous"));
  }

  @Test
  void publicRepositoryIsPulledWithTheAccount() throws Exception {
    begin(hub());
    pull(image);
    assertServed(NGINX, image);
    assertThat(upstream.requests(RequestMatcher.manifest().get()))
        .isNotEmpty()
        .allSatisfy(
            request -> assertThat(request.authorization().orElse("")).endsWith("-of-owner"));
  }

  @Test
  void privateRepositoryThatTheAccountReadsIsRefusedAndNothingOfItIsFetched() throws Exception {
    begin(hub().privateRepository(SECRET, "owner"));
    assertPrivate(SECRET, other);
    assertNotAskedByTheAccount(SECRET);
    assertNothingKept();
  }

  @Test
  void repositoryThatDoesNotExistIsRefusedInTheSameWords() throws Exception {
    begin(hub().privateRepository(SECRET, "owner"));
    Reply secret = client.manifest(SECRET, TAG);
    Reply none = client.manifest("team/absent", TAG);
    assertThat(none.status()).isEqualTo(secret.status());
    assertThat(none.code()).isEqualTo(secret.code());
    assertThat(none.message()).isEqualTo(secret.message().replace(SECRET, "team/absent"));
  }

  @Test
  void registryThatHidesPrivateRepositoriesIsUnderstood() throws Exception {
    begin(hub().privateRepository(SECRET, "owner").hidePrivate());
    cacheEverything();
    run(Map.of());
    assertPrivate(SECRET, other);
    assertServed(NGINX, image);
    upstream.makePrivate(NGINX, "owner");
    clock.turn(TTL);
    assertPrivate(NGINX, image);
    upstream.goDown();
    assertPrivate(NGINX, image);
  }

  @Test
  void cachedPrivateRepositoryIsRefusedAlsoWhileUpstreamIsDown() throws Exception {
    begin(hub().privateRepository(SECRET, "owner"));
    cacheEverything();
    run(Map.of());
    assertPrivate(SECRET, other);
    upstream.goDown();
    clock.turn(TTL);
    assertPrivate(SECRET, other);
  }

  @Test
  void withoutAWordOfUpstreamNothingCachedIsServed() throws Exception {
    begin(hub().privateRepository(SECRET, "owner"));
    cacheEverything();
    upstream.goDown();
    run(Map.of());
    assertUnavailable(client.manifest(SECRET, TAG));
    assertUnavailable(client.manifest(SECRET, other.digest()));
    assertUnavailable(client.get("/v2/" + SECRET + "/tags/list"));
    assertUnavailable(client.get("/v2/" + SECRET + "/referrers/" + other.digest()));
    assertBlobUnknown(client.blob(SECRET, other.layer(0).digest()));
    assertBlobUnknown(client.blob(SECRET, other.layer(0).digest(), 10));
    assertUnavailable(client.manifest(NGINX, TAG));
    upstream.comeBack();
    assertRight(insist(() -> client.manifest(NGINX, TAG)), image.manifest());
  }

  @Test
  void revocationTakesEffectWithTheTagAndHoldsWhileUpstreamIsDownAndAfterAStart() throws Exception {
    begin(hub());
    pull(image);
    assertServed(NGINX, image);
    upstream.makePrivate(NGINX, "owner");
    clock.turn(TTL.minusMillis(1));
    assertServed(NGINX, image);
    clock.turn(Duration.ofMillis(1));
    try (CapturedLog log = CapturedLog.of("dev.breakwater.mirror.Visibility")) {
      assertPrivate(NGINX, image);
      assertThat(log.lines())
          .containsExactly(
              "INFO [docker.io] "
                  + NGINX
                  + " is no longer public: upstream refuses it to anonymous users, and so it is"
                  + " refused here (upstreams.docker.io.publicOnly)");
    }
    upstream.goDown();
    clock.turn(TTL);
    assertPrivate(NGINX, image);
    run(Map.of());
    assertPrivate(NGINX, image);
    upstream.comeBack();
    upstream.makePublic(NGINX);
    assertRight(insist(() -> fetch(layer)), layer);
    assertServed(NGINX, image);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void publicRepositoryIsServedThroughAnOutageAlsoAfterAStart(boolean offline) throws Exception {
    begin(hub());
    assertServed(NGINX, image);
    upstream.goDown();
    clock.turn(TTL.multipliedBy(100));
    if (offline) {
      assertThat(mirror.post("/api/offline?offline=true")).contains("true");
    }
    assertStale(manifest(), image.manifest());
    assertServed(NGINX, image);
    run(Map.of("CACHE_OFFLINE", String.valueOf(offline)));
    assertStale(manifest(), image.manifest());
    assertRight(fetch(layer), layer);
  }

  @Test
  void whatIsKnownToBePublicIsNotAskedForAgain() throws Exception {
    begin(hub());
    pull(image);
    int asked = upstream.requests().size();
    assertThat(client.manifest(NGINX, image.digest()).status()).isEqualTo(200);
    pull(image);
    assertThat(upstream.requests()).hasSize(asked);
    clock.turn(TTL);
    assertRight(fetch(layer), layer);
    assertRight(fetch(small), small);
    assertThat(
            upstream.requests().stream()
                .skip(asked)
                .filter(request -> request.kind() != ContentKind.TOKEN))
        .as("one question about the repository, for both blobs")
        .hasSize(1);
  }

  @Test
  void tagThatDoesNotExistClosesNoRepository() throws Exception {
    begin(hub());
    assertManifestUnknown(client.manifest(NGINX, "absent"));
    assertServed(NGINX, image);
    clock.turn(TTL);
    assertManifestUnknown(client.manifest(NGINX, "absent"));
    assertServed(NGINX, image);
  }

  @Test
  void deletedImageByWhichARepositoryWasPublicClosesItNot() throws Exception {
    begin(hub());
    pull(image);
    upstream.put(NGINX, "2", other);
    upstream.deleteManifest(NGINX, image.digest());
    clock.turn(TTL);
    assertThat(client.manifest(NGINX, "2").status()).isEqualTo(200);
    assertRight(fetch(layer), layer);
  }

  @Test
  void sharedLayerIsServedThroughThePublicRepositoryOnly() throws Exception {
    begin(hub().privateRepository("team/copy", "owner"));
    upstream.put("team/copy", TAG, image);
    cacheEverything();
    assertThat(client.manifest("team/copy", TAG).status()).isEqualTo(200);
    run(Map.of());
    assertBlobUnknown(client.blob("team/copy", layer.digest()));
    assertRight(fetch(layer), layer);
    assertBlobUnknown(client.blob("team/copy", layer.digest()));
  }

  @Test
  void purgeAsksAgainBeforeTheTimeAndForgetsNoVerdict() throws Exception {
    begin(hub());
    pull(image);
    upstream.makePrivate(NGINX, "owner");
    assertThat(mirror.post("/api/purge?upstream=docker.io&repository=nginx")).contains(NGINX);
    assertBlobUnknown(fetch(layer));
    upstream.makePublic(NGINX);
    clock.turn(TTL);
    assertRight(fetch(layer), layer);
    assertThat(mirror.post("/api/purge?upstream=docker.io&repository=nginx")).contains(NGINX);
    upstream.goDown();
    assertRight(fetch(layer), layer);
  }

  @Test
  void fileThatOpensEverythingIsRepeatedInTheLog() throws Exception {
    upstream = hub().privateRepository(SECRET, "owner").start().put(SECRET, TAG, other);
    try (CapturedLog log = CapturedLog.of("dev.breakwater.app.Upstreams")) {
      run(Map.of("UPSTREAMS_DOCKER_IO_PUBLIC_ONLY", "false"));
      assertThat(log.lines())
          .anyMatch(
              line ->
                  line.startsWith("WARN [docker.io] all clients can read")
                      && line.endsWith("because upstreams.docker.io.publicOnly is false"));
    }
    assertServed(SECRET, other);
  }

  @Test
  void registryForThoseWhoLogInGivesAnonymousClientsNothingCachedOrNot() throws Exception {
    begin(hub());
    pull(image);
    run(Map.of("UPSTREAMS_DOCKER_IO_ACCESS", "authenticated", "LISTENERS_0_FACE", "mirror"));
    int asked = upstream.requests().size();
    for (String path : paths(NGINX, image)) {
      Reply reply = client.get(path);
      assertThat(reply.status()).as("%s: %s", path, reply).isEqualTo(404);
      assertThat(reply.header("WWW-Authenticate")).isEmpty();
      assertThat(client.head(path).status()).as("HEAD %s", path).isEqualTo(404);
    }
    run(Map.of("UPSTREAMS_DOCKER_IO_ACCESS", "alice,@builders", "LISTENERS_0_FACE", "both"));
    for (String path : paths(NGINX, image)) {
      assertThat(client.get(path).status()).as(path).isEqualTo(401);
    }
    assertThat(client.get("/v2/_catalog").body()).asString().doesNotContain(NGINX);
    assertThat(upstream.requests()).hasSize(asked);
  }

  @Test
  void withoutAnAccountThereIsNoCheck() throws Exception {
    start();
    pull(image);
    assertThat(upstream.requests(RequestMatcher.manifest().head())).hasSize(1);
  }
}
