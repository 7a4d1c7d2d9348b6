package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.e2e.Command;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Disks that are full, read-only, slow or broken: pulls go on, nothing wrong is served, and the
 * cache recovers by itself. The rows "Disk" of the failure list; see also {@code BitRotTest},
 * {@code IndexLossTest} and {@code RocksIndexOpeningTest}.
 *
 * <pre>
 * mvn -Ppeers verify -Dit.test=DiskFaultsIT -Dbreakwater.fullDisks=200
 * </pre>
 */
@Timeout(1800)
@Tag("peers")
class DiskFaultsIT extends ServerFaults {
  private static final int FULL_DISKS = Integer.getInteger("breakwater.fullDisks", 5);
  private static final int SIZE = 300_000;

  /** Everything there is, so that nothing but the disk itself says no. */
  private static final Map<String, String> GREEDY =
      Map.of("BREAKWATER_CACHE_MAX_SIZE", "100%", "BREAKWATER_CACHE_MIN_FREE", "0B");

  @Test
  void aFullDiskFailsNoPullAndTheCacheComesBackWithTheSpace() throws Exception {
    mountTmpfs("192m");
    start(GREEDY);
    TestImage before = cached(3, SIZE);
    long slowest = 0;
    for (int cycle = 0; cycle < FULL_DISKS; cycle++) {
      Path ballast = data.resolveSibling("ballast");
      Thread filling = Thread.ofPlatform().start(() -> fill(ballast));
      assertRight(image(3, SIZE));
      filling.join();
      assertRight(image(3, SIZE));
      assertRight(before);
      Files.delete(ballast);
      long begun = System.nanoTime();
      await("the cache works again", () -> keepsWhatItPulls());
      slowest = Math.max(slowest, System.nanoTime() - begun);
    }
    System.out.printf(
        "%d times a full disk: every pull right, caching again after at most %.1f s%n",
        FULL_DISKS, slowest / 1e9);
    assertThat(mirror.metrics()).contains("breakwater_index_writable 1.0");
  }

  @Test
  void aVolumeThatOtherFilesFillIsToldAndTheMirrorStaysInRotation() throws Exception {
    mountTmpfs("192m");
    start(Map.of("BREAKWATER_CACHE_EVICTION_GRACE", "0s"));
    assertRight(cached(3, SIZE));
    assertThat(mirror.metric("breakwater_disk_pressure")).isZero();
    long room = mirror.metric("breakwater_cache_effective_limit_bytes");
    Path ballast = data.resolveSibling("ballast");
    fill(ballast);
    await("the metric says so", () -> mirror.metric("breakwater_disk_pressure") == 1);
    assertThat(mirror.metric("breakwater_cache_effective_limit_bytes")).isLessThan(room / 2);
    assertThat(mirror.isReady()).isTrue();
    assertRight(image(1, SIZE));
    Files.delete(ballast);
    await("the metric says so", () -> mirror.metric("breakwater_disk_pressure") == 0);
    assertThat(mirror.metric("breakwater_cache_effective_limit_bytes"))
        .isEqualTo(mirror.metric("breakwater_cache_limit_bytes"));
  }

  private static void fill(Path ballast) {
    byte[] zeros = new byte[64 * 1024];
    try (var out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(zeros);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private boolean keepsWhatItPulls() {
    TestImage image = image(1, SIZE);
    assertRight(image);
    mirror.awaitNoDownloads();
    return areKept(image) && mirror.metrics().contains("breakwater_index_writable 1.0");
  }

  @Test
  void aDiskThatTurnsReadOnlyStopsNoPull() throws Exception {
    DiskShim disk = DiskShim.compile(workspace);
    start(disk.environment());
    TestImage before = cached(2, SIZE);
    disk.turnReadOnly(data.toString());
    assertRight(before);
    TestImage missed = image(2, SIZE);
    assertRight(missed);
    mirror.awaitNoDownloads();
    assertThat(areKept(missed)).isFalse();
    assertThat(mirror.isReady()).as("in rotation").isTrue();
    await(
        "the metric says so",
        () -> mirror.metrics().contains("breakwater_data_directory_writable 0.0"));
    disk.heal();
    assertRight(cached(2, SIZE));
    await(
        "the metric says so",
        () -> mirror.metrics().contains("breakwater_data_directory_writable 1.0"));
  }

  @Test
  void startedOnAReadOnlyDiskItServesWhatItHas() throws Exception {
    mountTmpfs("192m");
    start(Map.of());
    TestImage before = cached(2, SIZE);
    mirror.stop();
    Command.of("mount", "-o", "remount,ro", data.getParent()).run();
    mirror.start();
    int asked = upstream.requests().size();
    assertRight(before);
    assertThat(upstream.requests()).as("everything was there").hasSize(asked);
    assertRight(image(2, SIZE));
    assertThat(mirror.metrics()).contains("breakwater_index_writable 0.0");
    Command.of("mount", "-o", "remount,rw", data.getParent()).run();
    assertRight(cached(2, SIZE));
  }

  @Test
  void aBlobThatTheDiskDoesNotGiveIsFetchedAgain() {
    DiskShim disk = DiskShim.compile(workspace);
    start(disk.environment());
    TestImage image = cached(1, SIZE);
    Content layer = image.layer(0);
    // So that it does not remember who has got it already.
    mirror.stop();
    mirror.start();
    disk.failReading("blobs/sha256/" + layer.digest().hex().substring(0, 2));
    assertThat(fetch(layer).verdict(layer)).isIn(Reply.Verdict.SHORT, Reply.Verdict.NONE);
    Path aside = data.resolve("quarantine/sha256-" + layer.digest().hex());
    await("it is out of the way", () -> Files.exists(aside));
    disk.heal();
    await("it is there again", () -> Files.exists(file(layer)));
    assertRight(layer);
  }

  @Test
  void aBlobThatTheDiskDoesNotGiveComesFromUpstreamForWhoAsksAgain() {
    DiskShim disk = DiskShim.compile(workspace);
    start(disk.environment());
    TestImage image = cached(1, SIZE);
    disk.failReading("blobs/sha256/" + image.layer(0).digest().hex().substring(0, 2));
    // Its new copy comes to lie where the disk fails too, and may be read from there.
    assertThat(fetch(image.layer(0)).verdict(image.layer(0))).isNotEqualTo(Reply.Verdict.WRONG);
    Path aside = data.resolve("quarantine/sha256-" + image.layer(0).digest().hex());
    await("it is out of the way", () -> Files.exists(aside));
    disk.heal();
    assertRight(image.layer(0));
  }

  @Test
  void aBlobThatCannotBeSyncedIsServedAndNotKept() {
    DiskShim disk = DiskShim.compile(workspace);
    start(disk.environment());
    disk.failSyncing("/downloads/");
    TestImage image = image(2, SIZE);
    assertRight(image);
    await("nothing is left of it", () -> names("downloads").isEmpty());
    assertThat(areKept(image)).isFalse();
    disk.heal();
    assertRight(image);
    await("it is kept now", () -> areKept(image));
  }

  @Test
  void aDiskThatIsSlowToSyncHoldsUpNoPull() {
    DiskShim disk = DiskShim.compile(workspace);
    start(disk.environment());
    disk.holdSyncing("/downloads/");
    TestImage image = image(1, SIZE);
    assertRight(image.layer(0));
    assertThat(file(image.layer(0))).as("answered before it is durable").doesNotExist();
    disk.heal();
    await("it is kept in the end", () -> Files.exists(file(image.layer(0))));
  }

  @Test
  void filesDeletedOrCutShortUnderneathAreFetchedAgain() throws Exception {
    start(Map.of());
    TestImage image = cached(3, SIZE);
    Files.delete(file(image.layer(0)));
    cut(file(image.layer(1)), SIZE / 2);
    cut(file(image.layer(2)), 0);
    for (int i = 0; i < 3; i++) {
      Content layer = image.layer(i);
      // Open files of deleted blobs are read on; where one was cut, the answer ends short once.
      assertThat(fetch(layer).verdict(layer)).isIn(Reply.Verdict.RIGHT, Reply.Verdict.SHORT);
      await(
          "layer " + i + " is right again",
          () -> fetch(layer).verdict(layer) == Reply.Verdict.RIGHT);
    }
    mirror.awaitNoDownloads();
    Files.delete(file(image.layer(2)));
    mirror.stop();
    mirror.start();
    assertRight(image);
    await("they are there again", () -> areKept(image));
  }

  private static void cut(Path file, long size) throws IOException {
    Command.of("chmod", "u+w", file).run();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  @Test
  void aLostIndexCostsNoBlob() throws Exception {
    start(Map.of());
    TestImage image = cached(3, SIZE);
    mirror.stop();
    try (Stream<Path> index = Files.list(data.resolve("index"))) {
      for (Path file : index.toList()) {
        Files.delete(file);
      }
    }
    mirror.start();
    long sent = upstream.bytesSent(image.layer(0).digest());
    assertThat(client.manifest(NGINX, image.digest()).verdict(image.manifest()))
        .isEqualTo(Reply.Verdict.RIGHT);
    assertRight(image);
    assertThat(upstream.bytesSent(image.layer(0).digest())).as("not fetched again").isEqualTo(sent);
  }
}
