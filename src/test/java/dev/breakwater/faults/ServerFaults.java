package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Command;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.gc.Fsck;
import dev.breakwater.gc.FsckFinding;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** The packaged product in a process of its own, on a disk or machine that lets it down. */
abstract class ServerFaults {
  static final String NGINX = "library/nginx";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  FaultyRegistry upstream;
  Workspace workspace;
  Path data;
  BreakwaterProcess mirror;
  PullClient client;
  private long seed;

  @BeforeEach
  void makeARoom(TestInfo test) {
    String name = getClass().getSimpleName() + "/" + test.getTestMethod().orElseThrow().getName();
    workspace = new Workspace(Path.of("target", "e2e", name));
    data = workspace.store("disk").resolve("data");
    upstream = FaultyRegistry.builder().bearer().redirectBlobs().start();
  }

  @AfterEach
  void cleanUp() {
    if (client != null) {
      client.close();
    }
    if (mirror != null) {
      mirror.close();
    }
    upstream.close();
    workspace.close();
  }

  /** Puts a file system in memory under the data directory. */
  void mountTmpfs(String size) {
    Command.of("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", data.getParent()).run();
  }

  void start(Map<String, String> settings) {
    start(settings, List.of());
  }

  /** Starts the mirror by way of a program that runs it. */
  void start(Map<String, String> settings, List<String> prefix) {
    Map<String, String> all = new HashMap<>();
    all.put("BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS", URI.create(upstream.authUrl()).getAuthority());
    all.put("BREAKWATER_CACHE_PREFETCH", "false");
    all.putAll(settings);
    mirror = BreakwaterProcess.start(workspace, data, URI.create(upstream.url()), all, prefix);
    client = new PullClient(mirror.uri());
  }

  /** An image that was not pulled yet. */
  TestImage image(int layers, long size) {
    seed++;
    TestImage image = TestImage.oci().seed(seed).layers(layers, size).build();
    upstream.put(NGINX, "image" + seed, image);
    assertThat(client.manifest(NGINX, "image" + seed).verdict(image.manifest()))
        .isEqualTo(Reply.Verdict.RIGHT);
    return image;
  }

  Reply fetch(Content blob) {
    return client.blob(NGINX, blob.digest());
  }

  void assertRight(Content blob) {
    Reply reply = fetch(blob);
    assertThat(reply.verdict(blob)).as("%s", reply).isEqualTo(Reply.Verdict.RIGHT);
  }

  void assertRight(TestImage image) {
    image.blobs().values().forEach(this::assertRight);
  }

  /** What a cached blob's file is, whether it is there or not. */
  Path file(Content blob) {
    Digest digest = blob.digest();
    return data.resolve("blobs/sha256/" + digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  /** Pulls it and waits until it is in the cache. */
  TestImage cached(int layers, long size) {
    TestImage image = image(layers, size);
    assertRight(image);
    mirror.awaitNoDownloads();
    assertThat(areKept(image)).as("the image is kept").isTrue();
    return image;
  }

  boolean areKept(TestImage image) {
    return image.blobs().values().stream().allMatch(blob -> Files.exists(file(blob)));
  }

  /** What is not as it should be, while no mirror uses the data directory. */
  List<FsckFinding> fsck() throws IOException, InterruptedException {
    List<FsckFinding> findings = new ArrayList<>();
    new Fsck(data, false, Clock.systemUTC(), (finding, repaired) -> findings.add(finding)).check();
    return findings;
  }

  /** The names of the files in a directory below the data directory. */
  List<String> names(String directory) {
    try (Stream<Path> files = Files.list(data.resolve(directory))) {
      return files.map(file -> file.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("in vain: " + what);
      }
      Thread.onSpinWait();
    }
  }
}
