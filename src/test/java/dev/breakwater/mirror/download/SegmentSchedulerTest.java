package dev.breakwater.mirror.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.storage.PresentRanges;
import dev.breakwater.storage.PresentRanges.Range;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.buffer.Buffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Without a thread, a timer or an upstream: events and a clock in, segments out. */
class SegmentSchedulerTest {
  private static final long MIB = 1024 * 1024;
  private static final long SIZE = 100 * MIB;
  private static final long TICK = DownloadSettings.DEFAULT.segments().tick().toNanos();
  private static final Digest DIGEST = Digest.ofSha256(new byte[0]);

  private final TransferSlots slots = new TransferSlots(32);
  private final RangeSupport ranges = new RangeSupport();
  private final List<Segment> over = new ArrayList<>();
  private long now;
  private final SegmentHistory history = new SegmentHistory(() -> now);
  private SizeClaims size = new SizeClaims(SIZE);
  private FileChannel file;
  private GrowingBlob bytes;
  private SegmentScheduler scheduler;

  @BeforeEach
  void open() throws Exception {
    file = FileChannel.open(Path.of("/dev/null"));
    begin(8);
  }

  @AfterEach
  void close() throws Exception {
    file.close();
  }

  private void begin(int most, Range... present) {
    PresentRanges ranges = new PresentRanges();
    for (Range range : present) {
      ranges.add(range.start(), range.end());
    }
    bytes = new GrowingBlob(file, ranges, new DownloadMemory(SIZE));
    scheduler =
        new SegmentScheduler(
            bytes,
            DownloadSettings.DEFAULT.segments(),
            size,
            this.ranges,
            slots,
            history,
            most,
            (start, end) ->
                new Segment(DIGEST, ScriptedSource.silent(), start, end, new Recorder()));
  }

  private Segment next() {
    return scheduler.next(true).orElseThrow();
  }

  private static void assertRange(Segment segment, long start, long end) {
    assertThat(new Range(segment.position(), segment.end())).isEqualTo(new Range(start, end));
  }

  /** A download of known pace: so many segments from the start. */
  private List<Segment> run(int segments) {
    history.learned(new SegmentHint(segments, false));
    begin(8);
    List<Segment> all = new ArrayList<>();
    for (int i = 0; i < segments; i++) {
      all.add(next());
    }
    scheduler.answered(now);
    return all;
  }

  @Test
  void anUnknownUpstreamIsAskedForAPartAndThenForMore() {
    assertRange(next(), 0, 16 * MIB);
    assertThat(scheduler.next(true)).as("one until it has answered").isEmpty();
    scheduler.answered(now);
    assertThat(scheduler.count()).isEqualTo(1);
  }

  @Test
  void aFastUpstreamIsAskedForEverythingAtOnce() {
    history.learned(SegmentHint.ONE);
    begin(8);
    assertRange(next(), 0, SIZE);
  }

  @Test
  void whereSeveralPayTheyAreOpenedTogether() {
    List<Segment> all = run(4);
    assertRange(all.getFirst(), 0, 25 * MIB);
    assertRange(all.getLast(), 75 * MIB, SIZE);
    assertThat(scheduler.next(true)).isEmpty();
  }

  @Test
  void withoutAClientThereIsOneSegment() {
    history.learned(new SegmentHint(4, false));
    begin(8);
    next();
    assertThat(scheduler.next(false)).isEmpty();
    assertThat(scheduler.next(true)).isPresent();
  }

  @Test
  void furtherSegmentsWaitForASlotButTheFirstDoesNot() {
    for (int i = 0; i < 32; i++) {
      slots.take();
    }
    history.learned(new SegmentHint(4, false));
    begin(8);
    next();
    assertThat(scheduler.next(true)).isEmpty();
    slots.giveBack();
    slots.giveBack();
    assertThat(scheduler.next(true)).isPresent();
  }

  @Test
  void ofAnUnknownSizeAByteThatIsHereIsAskedForAgain() {
    size = new SizeClaims(-1);
    begin(8, new Range(0, MIB));
    assertRange(next(), MIB - 1, Segment.UNKNOWN);
    assertThat(scheduler.next(true)).isEmpty();
  }

  @Test
  void oneThatEndsMakesRoomAndItsRestIsAGapAgain() {
    List<Segment> all = run(2);
    scheduler.ended(all.getFirst());
    assertRange(next(), 0, 50 * MIB);
  }

  @Test
  void whatAReaderWantsFarAheadIsOpenedAndTheOneBeforeEndsThere() {
    Segment only = run(1).getFirst();
    Segment urgent = scheduler.want(60 * MIB, 61 * MIB, 0).orElseThrow();
    assertRange(urgent, 60 * MIB, SIZE);
    assertThat(urgent.isWanted()).isTrue();
    assertRange(only, 0, 60 * MIB);
  }

  @Test
  void whatIsAboutToComeIsNotAskedForTwice() {
    Segment only = run(1).getFirst();
    assertThat(scheduler.want(1000, 2000, 0)).isEmpty();
    assertThat(only.isWanted()).isTrue();
    bytes.add(0, Buffer.buffer(new byte[100]));
    assertThat(scheduler.want(0, 100, 0)).as("it is here").isEmpty();
  }

  @Test
  void aWishWaitsForTheFirstAnswer() {
    next();
    assertThat(scheduler.want(60 * MIB, 61 * MIB, 0)).isEmpty();
    scheduler.answered(now);
    assertThat(scheduler.takeWishes()).containsExactly(new Range(60 * MIB, 61 * MIB));
    assertThat(scheduler.takeWishes()).isEmpty();
  }

  @Test
  void urgentSegmentsAreBoundedAndTheUnwantedOneMakesRoom() {
    run(1);
    for (long i = 1; i <= 8; i++) {
      assertThat(scheduler.want(i * 10 * MIB, i * 10 * MIB + 1, 0)).isPresent();
    }
    assertThat(scheduler.want(95 * MIB, 96 * MIB, 0)).isEmpty();
    assertThat(scheduler.takeWishes()).hasSize(1);
    assertThat(scheduler.count()).isEqualTo(9);
  }

  @Test
  void inOrderOnlyTheFrontGoesOn() {
    run(4);
    scheduler.inOrder();
    assertThat(scheduler.count()).isEqualTo(1);
    assertThat(scheduler.want(90 * MIB, 91 * MIB, 0)).isEmpty();
    assertThat(scheduler.next(true)).isEmpty();
  }

  @Test
  void aWholeAnswerIsAdoptedUnlessOthersBringTheirRanges() {
    List<Segment> all = run(2);
    assertThat(scheduler.adopt(all.getLast())).isTrue();
    assertRange(all.getLast(), 0, SIZE);
    assertThat(scheduler.count()).isEqualTo(1);
    assertThat(ranges.isWhole()).isTrue();
    assertThat(history.hint()).contains(SegmentHint.ONE);
  }

  @Test
  void afterAFailureThereAreNoMoreThanWereLeft() {
    List<Segment> all = run(4);
    scheduler.ended(all.getLast());
    scheduler.broke(false);
    assertThat(scheduler.next(true)).isEmpty();
    scheduler.ended(all.getFirst());
    assertRange(next(), 0, 25 * MIB);
  }

  @Test
  void anUpstreamThatRefusesGetsOneFromThenOn() {
    List<Segment> all = run(4);
    scheduler.ended(all.getLast());
    scheduler.broke(true);
    scheduler.close();
    assertThat(history.hint()).contains(SegmentHint.ONE);
  }

  @Test
  void withoutRangesEverythingIsAskedForOnce() {
    run(2).forEach(scheduler::ended);
    scheduler.fetchWhole();
    assertRange(next(), 0, SIZE);
    assertThat(scheduler.next(true)).isEmpty();
    assertThat(scheduler.want(90 * MIB, 91 * MIB, 0)).isEmpty();
  }

  @Test
  void anotherSizeMovesTheEndOfWhatRunsToTheEnd() {
    Segment only = run(1).getFirst();
    size.accepts(SIZE + 1, 0);
    size.accepts(SIZE + 1, 0);
    scheduler.resize(SIZE);
    assertRange(only, 0, SIZE + 1);
  }

  @Test
  void aPauseHoldsWhatIsOpenedLater() {
    run(1);
    scheduler.pause();
    assertThat(scheduler.isPaused()).isTrue();
    scheduler.resume();
    assertThat(scheduler.isPaused()).isFalse();
  }

  @Test
  void aTickThatIsEarlyOrLateTellsNothing() {
    next();
    scheduler.answered(now);
    assertThat(scheduler.tick(now + TICK / 4)).isFalse();
    assertThat(scheduler.tick(now + 5 * TICK)).isFalse();
    assertThat(scheduler.tick(now + 6 * TICK)).isTrue();
  }

  @Test
  void allSlotsAreGivenBack() {
    run(8);
    scheduler.close();
    for (int i = 0; i < 31; i++) {
      slots.take();
    }
    assertThat(slots.hasFree()).isTrue();
  }

  @Test
  void itIsCompleteWhenEveryByteIsHere() {
    begin(8, new Range(0, SIZE - 1));
    assertThat(scheduler.isComplete()).isFalse();
    bytes.add(SIZE - 1, Buffer.buffer(new byte[1]));
    assertThat(scheduler.isComplete()).isTrue();
  }

  @Test
  void aFaultOfTheRangeIsToldFromOthers() {
    Segment ranged = run(2).getLast();
    ranged.open(true);
    assertThat(ranges.mayHaveFailed(ranged, failure(UpstreamOutcome.CONNECT))).isFalse();
    for (int i = 0; i < 4; i++) {
      assertThat(ranges.isExhausted()).isFalse();
      assertThat(ranges.mayHaveFailed(ranged, failure(UpstreamOutcome.REFUSED))).isTrue();
    }
    assertThat(ranges.isExhausted()).isTrue();
    ranges.arrived(true);
    assertThat(ranges.isExhausted()).isFalse();
  }

  @Test
  void whenAWholeTransferBreaksOneRangeIsTried() {
    Segment ranged = run(2).getLast();
    ranged.open(true);
    ranges.fetchWhole();
    ranges.tryOneRange();
    assertThat(ranges.isWhole()).isFalse();
    ranges.mayHaveFailed(ranged, failure(UpstreamOutcome.REFUSED));
    assertThat(ranges.isExhausted()).isTrue();
  }

  private static UpstreamException failure(UpstreamOutcome outcome) {
    return new UpstreamException(outcome, "scripted", null);
  }

  private final class Recorder implements Segment.Events {
    @Override
    public void answered(Segment segment, OptionalLong total) {}

    @Override
    public void arrived(Segment segment, long offset, Buffer bytes) {}

    @Override
    public void over(Segment segment, @Nullable UpstreamException cause) {
      over.add(segment);
    }
  }
}
