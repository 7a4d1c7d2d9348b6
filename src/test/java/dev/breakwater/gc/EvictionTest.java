package dev.breakwater.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobFile;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.PartFile;
import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.Eventually;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictionTest {
  private static final int ROOM = 20;

  @TempDir Path data;
  private CacheFixture cache;
  private Eviction eviction;
  private final List<Digest> blobs = new ArrayList<>();

  /** Full to the last block; the blob of number n was used n hours ago. */
  @BeforeEach
  void fill() throws Exception {
    cache = new CacheFixture(data, ROOM * CacheFixture.BLOCK);
    for (int i = 0; i < ROOM; i++) {
      blobs.add(cache.blob(i));
      cache.used(blobs.get(i), 1, Duration.ofHours(i + 1));
    }
    eviction = cache.eviction();
  }

  @AfterEach
  void close() throws Exception {
    eviction.close();
    cache.close();
  }

  @Test
  void whoWaitsForRoomGetsThatOfTheColdest() throws Exception {
    eviction.start();
    assertThat(wait(2)).isPresent();
    assertThat(cache.has(blobs.get(ROOM - 1))).isFalse();
    assertThat(cache.has(blobs.get(ROOM - 2))).isFalse();
    assertThat(cache.has(blobs.get(0))).isTrue();
    assertThat(cache.budget.used()).isLessThanOrEqualTo(cache.budget.limit());
  }

  @Test
  void operatorReadsWhatWasEvictedAndWhenItWasLastUsed() throws Exception {
    try (CapturedLog log = CapturedLog.of(Eviction.class)) {
      eviction.start();
      assertThat(wait(1)).isPresent();
      assertThat(log.lines())
          .contains(
              "INFO evicted blob %s of %d bytes to free space: it was the least useful, last used 20 h ago"
                  .formatted(blobs.get(ROOM - 1), CacheFixture.BLOCK));
    }
  }

  @Test
  void aFullCacheIsEmptiedToTheLowWatermarkThoughNoDownloadWaits() throws Exception {
    eviction.start();
    Eventually.until(
        "the cache is at the low watermark", () -> cache.budget.used() <= 19 * CacheFixture.BLOCK);
    assertThat(cache.budget.shortage()).isZero();
    assertThat(blobs.stream().filter(cache::has)).hasSize(19);
  }

  @Test
  void whatIsPinnedOrReadOrUsedOftenStays() throws Exception {
    cache.pinned.add(blobs.get(19));
    BlobFile read = cache.store.open(blobs.get(18)).await(10, SECONDS);
    cache.used(blobs.get(17), 1000, Duration.ofHours(18));
    cache.recent.blob(blobs.get(16), cache.now());
    eviction.start();
    assertThat(wait(10)).isPresent();
    for (int stays : new int[] {19, 18, 17, 16, 0}) {
      assertThat(cache.has(blobs.get(stays))).as("number %s", stays).isTrue();
    }
    assertThat(cache.has(blobs.get(15))).isFalse();
    read.release();
  }

  @Test
  void whatWasStoredAMomentAgoGoesOnlyIfADownloadWaits() throws Exception {
    for (Digest blob : blobs) {
      cache.used(blob, 1, Duration.ZERO);
    }
    eviction.start();
    assertThat(cache.budget.shortage()).isPositive();
    cache.budget.freed(0);
    assertThat(wait(20)).isPresent();
    assertThat(blobs).noneMatch(cache::has);
  }

  @Test
  void whatDownloadsLeftGoesBeforeAnyBlob() throws Exception {
    eviction.close();
    cache.close();
    cache = new CacheFixture(data, ROOM * CacheFixture.BLOCK);
    Digest half = Digest.ofSha256(new byte[] {1});
    DiskBudget.Reservation room = cache.budget.reserve(2 * CacheFixture.BLOCK).orElseThrow();
    try (PartFile part = cache.store.parts().open(half).orElseThrow()) {
      part.write(0, new ByteBuffer[] {ByteBuffer.wrap(new byte[100])});
      part.saveState();
      room.settle(part.bytesOnDisk());
    }
    Digest blob = cache.blob(100, 16 * CacheFixture.BLOCK);
    eviction = cache.eviction();
    cache.turn(Duration.between(cache.clock.instant(), Instant.now().plus(Duration.ofHours(1))));
    eviction.start();
    assertThat(wait(4)).isPresent();
    assertThat(cache.has(blob)).isTrue();
    assertThat(data.resolve("downloads")).isEmptyDirectory();
  }

  @Test
  void whoWaitsWhileEverythingIsReadGetsRoomWhenTheReaderIsDone() throws Exception {
    List<BlobFile> read = new ArrayList<>();
    for (Digest blob : blobs) {
      read.add(cache.store.open(blob).await(10, SECONDS));
    }
    eviction.start();
    CompletableFuture<Optional<DiskBudget.Reservation>> waiting =
        cache.budget.whenRoom(CacheFixture.BLOCK);
    read.forEach(BlobFile::release);
    assertThat(waiting.get(10, SECONDS)).isPresent();
  }

  @Test
  void theAgeOfTheOldestUseIsToldAfterALook() throws Exception {
    eviction.start();
    assertThat(wait(1)).isPresent();
    assertThat(eviction.oldestAccess()).isEqualTo(Duration.ofHours(ROOM));
  }

  @Test
  void oneUncheckedFailureDoesNotEndEviction() throws Exception {
    AtomicInteger failures = new AtomicInteger();
    eviction =
        cache.eviction(
            changes -> {
              if (failures.getAndIncrement() == 0) {
                throw new DirectoryIteratorException(new IOException("Input/output error"));
              }
              cache.index.apply(changes);
            });
    eviction.start();
    assertThat(wait(2)).isPresent();
    assertThat(failures).hasValueGreaterThan(1);
  }

  @Test
  void aFileThatCannotBeDeletedKeepsNoOtherFromGoing() throws Exception {
    Path file = data.resolve(CacheFixture.file(blobs.get(ROOM - 1)));
    Files.delete(file);
    // What is no file of ours cannot be deleted as one.
    Files.createDirectories(file.resolve("x"));
    eviction.start();
    assertThat(wait(2)).isPresent();
    assertThat(cache.has(blobs.get(ROOM - 2))).isFalse();
    Eventually.until("a failure is counted", () -> failures() != 0);
  }

  private long failures() {
    return cache.metrics.registry().scrape().stream()
        .filter(family -> family.getMetadata().getName().equals("breakwater_background_failures"))
        .flatMap(family -> family.getDataPoints().stream())
        .map(CounterSnapshot.CounterDataPointSnapshot.class::cast)
        .mapToLong(point -> Math.round(point.getValue()))
        .sum();
  }

  private Optional<DiskBudget.Reservation> wait(int blocks) throws Exception {
    return cache.budget.whenRoom((long) blocks * CacheFixture.BLOCK).get(10, SECONDS);
  }
}
