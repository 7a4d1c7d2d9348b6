package dev.breakwater.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DiskBudgetTest {
  private static final long PLENTY = Long.MAX_VALUE / 4;

  @Test
  void whatDoesNotFitIsRefusedAndChangesNothing() {
    DiskBudget budget = new DiskBudget(1000, 0, 900, () -> PLENTY);
    assertThat(budget.reserve(101)).isEmpty();
    assertThat(budget.used()).isEqualTo(900);
    assertThat(budget.reserve(100)).isPresent();
  }

  @Test
  void theVolumesFreeSpaceIsKeptAfterEverythingThatWasPromisedIsWritten() {
    AtomicLong free = new AtomicLong(300);
    DiskBudget budget = new DiskBudget(PLENTY, 100, 0, free::get);
    DiskBudget.Reservation first = budget.reserve(150).orElseThrow();
    assertThat(budget.reserve(51)).isEmpty();

    free.addAndGet(-150);
    first.wrote(150);
    assertThat(budget.reserve(50)).isPresent();
  }

  @Test
  void aFileSystemThatTellsNothingHasNoRoom() {
    DiskBudget budget =
        new DiskBudget(
            1000,
            0,
            0,
            () -> {
              throw new IOException("gone");
            });
    assertThat(budget.reserve(1)).isEmpty();
  }

  @Test
  void otherFilesAndRoomForThemToGrowCount() {
    DiskBudget budget = DiskBudget.ofEverything(1600, 0, 0, () -> PLENTY, () -> 500);
    assertThat(budget.used()).isEqualTo(500);
    assertThat(budget.reserve(1001)).as("a sixteenth stays free").isEmpty();
    assertThat(budget.reserve(1000)).isPresent();
  }

  @Test
  void noDownloadWaitsWhereNothingIsDeleted() {
    DiskBudget budget = new DiskBudget(1000, 0, 1000, () -> PLENTY);
    assertThat(budget.whenRoom(1)).isCompletedWithValue(Optional.empty());
  }

  @Test
  void noDownloadWaitsForWhatCanNeverFit() {
    DiskBudget budget = new DiskBudget(1000, 0, 1000, () -> PLENTY);
    budget.relieve(() -> {});
    assertThat(budget.whenRoom(1001)).isCompletedWithValue(Optional.empty());
  }

  @Test
  void whoWaitsGetsRoomInOrderOnceThingsAreDeleted() {
    DiskBudget budget = new DiskBudget(1000, 0, 1000, () -> PLENTY);
    AtomicInteger signals = new AtomicInteger();
    budget.relieve(signals::incrementAndGet);
    CompletableFuture<Optional<DiskBudget.Reservation>> large = budget.whenRoom(600);
    CompletableFuture<Optional<DiskBudget.Reservation>> small = budget.whenRoom(100);
    assertThat(signals).hasValue(2);
    assertThat(budget.shortage()).isEqualTo(700);

    budget.freed(200);
    budget.serve();
    assertThat(small).as("does not overtake").isNotDone();

    budget.freed(500);
    budget.serve();
    assertThat(large.join()).isPresent();
    assertThat(small.join()).isPresent();
    assertThat(budget.used()).isEqualTo(1000);
    assertThat(budget.isAwaited()).isFalse();
  }

  @Test
  void theFirstThatWaitsIsRefusedUnlessItHasItsRoomByThen() {
    DiskBudget budget = new DiskBudget(1000, 0, 1000, () -> PLENTY);
    budget.relieve(() -> {});
    assertThat(budget.refusalOfFirst()).isEmpty();
    CompletableFuture<Optional<DiskBudget.Reservation>> first = budget.whenRoom(600);
    CompletableFuture<Optional<DiskBudget.Reservation>> second = budget.whenRoom(100);
    Runnable refusal = budget.refusalOfFirst().orElseThrow();
    budget.freed(600);
    budget.serve();
    refusal.run();
    assertThat(first.join()).as("served before").isPresent();
    assertThat(second).isNotDone();
    budget.refusalOfFirst().orElseThrow().run();
    assertThat(second.join()).isEmpty();
    assertThat(budget.isAwaited()).isFalse();
  }

  @Test
  void theStandingTellsWhatTheCacheCanGrowToWhileOthersUseTheVolume() {
    AtomicLong free = new AtomicLong(PLENTY);
    DiskBudget budget = new DiskBudget(1000, 100, 400, free::get);
    DiskBudget.Reservation held = budget.reserve(50).orElseThrow();
    assertThat(budget.standing().orElseThrow().effectiveLimit()).isEqualTo(1000);
    free.set(300);
    assertThat(budget.standing()).contains(new DiskStanding(1000, 450, 50, 100, 150));
    assertThat(budget.standing().orElseThrow().effectiveLimit()).isEqualTo(600);
    held.wrote(50);
    free.set(60);
    assertThat(budget.standing().orElseThrow().effectiveLimit())
        .as("it must shrink")
        .isEqualTo(410);
    free.set(0);
    budget.freed(400);
    assertThat(budget.standing().orElseThrow().effectiveLimit()).isZero();
  }

  @Test
  void deletingBeginsAboveTheHighWatermarkAndEndsAtTheLowOne() {
    DiskBudget budget = new DiskBudget(1000, 0, 980, () -> PLENTY);
    assertThat(budget.shortage()).isZero();
    budget.reserve(1);
    assertThat(budget.shortage()).isEqualTo(21);
  }

  @Test
  void aVolumeThatOthersFillIsRelieved() {
    AtomicLong free = new AtomicLong(100);
    DiskBudget budget = new DiskBudget(PLENTY, 100, 500, free::get);
    assertThat(budget.shortage()).isZero();
    free.set(60);
    assertThat(budget.shortage()).isEqualTo(42);
  }

  /** A step: what is asked, how much of it is written, what stays. */
  @Property(tries = 200)
  void whateverIsReservedSettledAndDeletedTheBoundHolds(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 999) Integer> steps) {
    DiskBudget budget = new DiskBudget(1000, 0, 0, () -> PLENTY);
    List<DiskBudget.Reservation> held = new ArrayList<>();
    List<Integer> heldBytes = new ArrayList<>();
    long settled = 0;
    long reserved = 0;
    for (int step : steps) {
      switch (step % 3) {
        case 0 -> {
          Optional<DiskBudget.Reservation> one = budget.reserve(step);
          assertThat(one.isPresent()).isEqualTo(settled + reserved + step <= 1000);
          if (one.isPresent()) {
            held.add(one.get());
            heldBytes.add(step);
            reserved += step;
          }
        }
        case 1 -> {
          if (!held.isEmpty()) {
            int bytes = heldBytes.removeLast();
            int stay = step % (bytes + 1);
            held.removeLast().settle(stay);
            reserved -= bytes;
            settled += stay;
          }
        }
        default -> {
          long freed = Math.min(settled, step);
          budget.freed(freed);
          settled -= freed;
        }
      }
      assertThat(budget.used()).isEqualTo(settled + reserved).isBetween(0L, 1000L);
    }
  }

  @Test
  void manyDownloadsAtOnceNeverExceedTheBoundAndNothingIsLost() throws Exception {
    DiskBudget budget = new DiskBudget(1000, 0, 0, () -> PLENTY);
    AtomicLong onDisk = new AtomicLong();
    AtomicLong most = new AtomicLong();
    budget.relieve(() -> {});
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> running = new ArrayList<>();
      for (int seed = 0; seed < 8; seed++) {
        Random random = new Random(seed);
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 2000; i++) {
                    int size = random.nextInt(300);
                    Optional<DiskBudget.Reservation> held = budget.reserve(size);
                    if (held.isPresent()) {
                      most.accumulateAndGet(onDisk.addAndGet(size), Math::max);
                      held.get().wrote(size);
                      held.get().settle(size);
                      onDisk.addAndGet(-size);
                      budget.freed(size);
                    }
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    assertThat(most.get()).isBetween(1L, 1000L);
    assertThat(budget.used()).isZero();
  }

  @Test
  void aSizeThatNothingCanHaveIsRefusedAndNotTakenForNothing() throws Exception {
    DiskBudget budget = new DiskBudget(1000, 0, 10, () -> PLENTY);
    budget.relieve(() -> {});
    long most = PartFile.bytesToReserve(Long.MAX_VALUE);
    assertThat(most).isGreaterThan(Long.MAX_VALUE - 2 * Blocks.SIZE);
    assertThat(budget.reserve(most)).isEmpty();
    assertThat(budget.reserve(Long.MAX_VALUE)).isEmpty();
    assertThat(budget.whenRoom(Long.MAX_VALUE).get()).isEmpty();
    assertThat(budget.reserve(1).orElseThrow().grow(Long.MAX_VALUE)).isFalse();
    assertThat(budget.used()).isEqualTo(11);
  }
}
