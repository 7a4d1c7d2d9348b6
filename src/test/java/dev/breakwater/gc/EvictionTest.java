package dev.breakwater.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.Tables;
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
    fill(data, ROOM, ROOM);
  }

  /** The cache has room for so many blocks, or the usual number if that is more. */
  private void reopen(int number) throws Exception {
    close();
    blobs.clear();
    fill(data.resolve("again"), Math.max(number, ROOM), number);
  }

  private void fill(Path directory, int room, int number) throws Exception {
    Files.createDirectories(directory);
    cache = new CacheFixture(directory, (long) room * CacheFixture.BLOCK);
    for (int i = 0; i < number; i++) {
      blobs.add(cache.blob(i));
    }
    cache.turn(Duration.ofDays(7));
    for (int i = 0; i < number; i++) {
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
              "INFO evicted blob %s of 4.0 KiB to free space: it was the least useful, last used 20 h ago"
                  .formatted(blobs.get(ROOM - 1)));
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
  void whatWasUsedWithinTheLastTwoMinutesGoesOnlyIfADownloadWaits() throws Exception {
    for (Digest blob : blobs) {
      cache.used(blob, 1, Duration.ofMinutes(1));
    }
    eviction.start();
    assertThat(cache.budget.shortage()).isPositive();
    cache.budget.freed(0);
    assertThat(wait(20)).isPresent();
    assertThat(blobs).noneMatch(cache::has);
  }

  @Test
  void whatWasUsedWithinTheGraceIsNotDeletedForADownloadThatWaits() throws Exception {
    for (Digest blob : blobs) {
      cache.used(blob, 1, Duration.ofSeconds(20));
    }
    Digest old = blobs.get(0);
    cache.used(old, 1, Duration.ofSeconds(30));
    eviction.start();
    CompletableFuture<Optional<DiskBudget.Reservation>> large = whenRoom(2);
    CompletableFuture<Optional<DiskBudget.Reservation>> small = whenRoom(1);
    assertThat(large.get(10, SECONDS)).isEmpty();
    assertThat(small.get(10, SECONDS))
        .as("what cannot have its room does not hold up what can")
        .isPresent();
    assertThat(blobs).filteredOn(blob -> !cache.has(blob)).containsExactly(old);
  }

  @Test
  void whatWasStoredWithinTheGraceIsNotDeletedThoughItsLastUseIsOlder() throws Exception {
    Digest fetchedAgain = blobs.get(ROOM - 1);
    cache.index.apply(
        List.of(Tables.BLOBS.put(fetchedAgain, new BlobRecord(CacheFixture.BLOCK, cache.now()))));
    eviction.start();
    assertThat(wait(19)).isPresent();
    assertThat(blobs).filteredOn(cache::has).containsExactly(fetchedAgain);
  }

  @Test
  void aUseThatWasWrittenDownAfterTheLookKeepsACandidate() throws Exception {
    reopen(5 * ROOM);
    eviction.start();
    int left = 5 * ROOM * 96 / 100;
    // The first look finds twice as many candidates as are deleted at once.
    Eventually.until(
        "the cache is at the low watermark",
        () -> cache.budget.used() <= (long) left * CacheFixture.BLOCK);
    Digest next = blobs.get(left - 1);
    cache.recent.blob(next, cache.now());
    cache.usage.flush();
    assertThat(wait(5 * ROOM - left)).isPresent();
    Eventually.until(
        "room is made again", () -> cache.budget.used() <= (left + 1L) * CacheFixture.BLOCK);
    assertThat(cache.has(next)).isTrue();
    assertThat(cache.has(blobs.get(left - 2))).isFalse();
  }

  @Test
  void aLargeBlobThatWasUsedLatelyGoesAfterSmallOnesThatWereNot() throws Exception {
    reopen(4);
    for (Digest blob : blobs) {
      cache.used(blob, 1, Duration.ofHours(1));
    }
    Digest large = cache.blob(100, (ROOM - 4) * CacheFixture.BLOCK);
    cache.turn(Duration.ofMinutes(1));
    eviction.start();
    assertThat(wait(3)).isPresent();
    assertThat(cache.has(large)).isTrue();
    assertThat(blobs).filteredOn(cache::has).isEmpty();
  }

  @Test
  void aClockThatWasSetBackDoesNotKeepEverything() throws Exception {
    cache.turn(Duration.ofDays(-2));
    eviction.start();
    assertThat(wait(2)).isPresent();
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
    cache.turn(Duration.between(cache.clock.instant(), Instant.now().plus(Duration.ofHours(1))));
    Digest blob = cache.blob(100, 16 * CacheFixture.BLOCK);
    cache.turn(Duration.ofMinutes(1));
    eviction = cache.eviction();
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
    return whenRoom(blocks).get(10, SECONDS);
  }

  private CompletableFuture<Optional<DiskBudget.Reservation>> whenRoom(int blocks) {
    return cache.budget.whenRoom((long) blocks * CacheFixture.BLOCK);
  }
}
