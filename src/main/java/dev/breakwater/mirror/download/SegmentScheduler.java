package dev.breakwater.mirror.download;

import dev.breakwater.storage.PresentRanges.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides which stretches of a blob one attempt asks for, and when. It has no thread, timer or
 * request of its own: it is told what happens and what time it is, and returns the segments that
 * are to be opened. Confined to the download's context.
 */
final class SegmentScheduler {
  /*
   * Throughput says how many segments there should be, SegmentPlan what each asks for; a segment
   * that ends makes room for the next. One that breaks leaves its rest as a gap. While others run
   * they take it over and no more are added.
   *
   * A reader may want bytes far ahead (want()): a segment of its own begins there, the segment that
   * would have come to it ends there. At most URGENT of these run beside the others; the one that
   * no reader waits for any more makes room, its rest is a gap again.
   *
   * How a blob begins depends on what the last ones from this upstream found out (SegmentHistory):
   * by several segments at once where that paid, by one request for everything, without a Range,
   * where one connection was fast. Where that is unknown, the first request is for a part, so that
   * it need not be cut off when others join it; should upstream not be able to answer that, it is
   * asked for everything.
   */

  private static final int URGENT = 8;

  private final GrowingBlob bytes;
  private final DownloadSettings.Segments settings;
  private final SizeClaims size;
  private final RangeSupport ranges;
  private final TransferSlots slots;
  private final SegmentHistory history;
  private final Segment.Maker maker;
  private final SegmentPlan plan;
  private final Throughput throughput;
  private final ThroughputWatch watch;
  private final List<Segment> running = new ArrayList<>();

  /** What readers want and could not be asked for at once. */
  private final List<Range> wishes = new ArrayList<>();

  private boolean answered;
  private boolean opening;
  private boolean sequential;
  private boolean paused;

  /**
   * Nothing is asked for yet.
   *
   * @param most how many segments there may be
   */
  SegmentScheduler(
      GrowingBlob bytes,
      DownloadSettings.Segments settings,
      SizeClaims size,
      RangeSupport ranges,
      TransferSlots slots,
      SegmentHistory history,
      int most,
      Segment.Maker maker) {
    this.bytes = bytes;
    this.settings = settings;
    this.size = size;
    this.ranges = ranges;
    this.slots = slots;
    this.history = history;
    this.maker = maker;
    this.plan = new SegmentPlan(bytes, settings);
    boolean large = size.size() >= settings.above() && most > 1;
    Optional<SegmentHint> learned = large ? history.hint() : Optional.empty();
    this.throughput = new Throughput(most, learned.orElse(new SegmentHint(1, true)));
    this.watch = new ThroughputWatch(throughput, bytes, settings);
    this.opening = large && learned.isEmpty();
  }

  /** Whether upstream has begun to send. */
  boolean isAnswered() {
    return answered;
  }

  /** How many segments run. */
  int count() {
    return running.size();
  }

  /** Whether every byte is here. */
  boolean isComplete() {
    return size.isKnown() && bytes.total() >= size.size();
  }

  /** Whether it is known how many segments there should be. */
  boolean isSettled() {
    return throughput.isSettled();
  }

  /**
   * The next segment to open, if there should be one more.
   *
   * @param awaited whether a client waits for the blob; without one there is one segment only
   */
  Optional<Segment> next(boolean awaited) {
    boolean first = running.isEmpty();
    if (ranges.isWhole()) {
      return first ? Optional.of(add(0, size.end())) : Optional.empty();
    }
    int most = awaited ? throughput.target() : 1;
    if (!first && (running.size() >= most || !size.isKnown() || !slots.hasFree())) {
      return Optional.empty();
    }
    if (!size.isKnown()) {
      // One byte that is here is asked for again: the answer tells the size, also if all are here.
      return Optional.of(add(Math.max(0, bytes.prefix() - 1), Segment.UNKNOWN));
    }
    if (first && opening && !answered) {
      Range part = plan.opening(size.size());
      return Optional.of(add(part.start(), part.end()));
    }
    Optional<Range> next = plan.next(size.size(), running, throughput);
    if (next.isEmpty() && !first) {
      return plan.longest(running).map(this::split);
    }
    return next.map(range -> add(range.start(), range.end()));
  }

  private Segment split(Segment longest) {
    long end = longest.end();
    long middle = longest.position() + longest.rest() / 2;
    longest.endAt(middle);
    return add(middle, end);
  }

  private Segment add(long start, long end) {
    Segment segment = maker.make(start, end);
    running.add(segment);
    slots.take();
    if (paused) {
      segment.pause();
    }
    return segment;
  }

  /**
   * A reader waits for these bytes.
   *
   * @param tries how many requests in a row for them have failed
   * @return the segment to open for them; empty if they are about to come or have to wait
   */
  Optional<Segment> want(long from, long to, int tries) {
    if (sequential || ranges.isWhole()) {
      return Optional.empty();
    }
    if (!answered || !size.isKnown()) {
      wishes.add(new Range(from, to));
      return Optional.empty();
    }
    long start = plan.firstMissing(from, to, size.size());
    if (start < 0) {
      return Optional.empty();
    }
    Segment covering = plan.covering(start, running);
    if (covering != null && start - covering.position() <= settings.near()) {
      covering.wantUntil(to);
      return Optional.empty();
    }
    if (running.size() >= throughput.target() + URGENT && !makeRoom()) {
      wishes.add(new Range(from, to));
      return Optional.empty();
    }
    long end = covering != null ? covering.end() : plan.endOfGap(start, size.size(), running);
    if (covering != null) {
      covering.endAt(start);
    }
    Segment urgent = add(start, end);
    urgent.wantUntil(to);
    urgent.triedBefore(tries);
    return Optional.of(urgent);
  }

  private boolean makeRoom() {
    for (Segment segment : running) {
      if (!segment.isWanted() && segment.position() > bytes.prefix()) {
        drop(segment);
        return true;
      }
    }
    return false;
  }

  /** What readers want and could not be asked for so far; to be wanted once more. */
  List<Range> takeWishes() {
    List<Range> unmet = List.copyOf(wishes);
    wishes.clear();
    return unmet;
  }

  /** Only what comes in order is of use from now on. */
  void inOrder() {
    throughput.settleAt(1);
    sequential = true;
    wishes.clear();
    for (Segment segment : List.copyOf(running)) {
      if (segment.position() > bytes.prefix()) {
        drop(segment);
      }
    }
  }

  /** Upstream has begun to send. */
  void answered(long now) {
    answered = true;
    watch.answered(now, running.size());
  }

  /** The size is known, or is another than before: what runs to the end runs to this end. */
  void resize(long before) {
    for (Segment each : List.copyOf(running)) {
      boolean toTheEnd = each.end() == Segment.UNKNOWN || each.end() == before;
      if (toTheEnd && each.runsToTheEnd() && each.end() != size.size()) {
        each.endAt(size.size());
      }
    }
  }

  /**
   * A whole blob in place of a range is as good as a transfer without a Range, if nothing else
   * comes.
   *
   * @return false if others bring their ranges
   */
  boolean adopt(Segment whole) {
    if (running.stream().anyMatch(other -> other != whole && other.isAnswered())) {
      settleAtOne();
      return false;
    }
    fetchWhole();
    for (Segment other : List.copyOf(running)) {
      if (other != whole) {
        drop(other);
      }
    }
    whole.takeWhole(size.end());
    return true;
  }

  /** This segment is over, well or not. */
  void ended(Segment segment) {
    if (running.remove(segment)) {
      slots.giveBack();
    }
  }

  /**
   * A segment has broken and {@link #ended}.
   *
   * @param heldBack whether upstream does not like what it was asked for
   */
  void broke(boolean heldBack) {
    opening = false;
    if (heldBack) {
      settleAtOne();
    } else {
      throughput.settleAt(Math.min(throughput.target(), running.size()));
    }
  }

  /** The rest of a broken segment that a reader waits for is wanted when others are opened. */
  void wantLater(Segment broken) {
    if (broken.isWanted()) {
      wishes.add(new Range(broken.position(), broken.wantedUntil()));
    }
  }

  /** From now on one request without a Range brings everything. */
  void fetchWhole() {
    ranges.fetchWhole();
    wishes.clear();
    settleAtOne();
  }

  /**
   * A transfer that goes on to the blob's end brings the stretch too that another one failed on.
   */
  void leaveToTheOneBefore(Segment failed) {
    for (Segment before : running) {
      if (before.runsToTheEnd() && before.isAnswered() && before.end() == failed.position()) {
        before.endAt(failed.end());
        before.wantUntil(failed.wantedUntil());
        return;
      }
    }
  }

  private void settleAtOne() {
    throughput.settleAt(1);
    history.learned(SegmentHint.ONE);
  }

  void pause() {
    paused = true;
    watch.pause();
    running.forEach(Segment::pause);
  }

  boolean isPaused() {
    return paused;
  }

  void resume() {
    if (paused) {
      paused = false;
      watch.resume();
      List.copyOf(running).forEach(Segment::resume);
    }
  }

  /** What came before this moment, in nanoseconds, says nothing of the pace. */
  void measureFrom(long now) {
    watch.measureFrom(now);
  }

  /** Looks at the pace; whether there may be a segment to open. */
  boolean tick(long now) {
    return watch.tick(now, size.size(), running);
  }

  /** All bytes have come. */
  void complete(long now) {
    watch.complete(now, size.size());
  }

  /** Asks for nothing more and notes what was found out. */
  void close() {
    throughput.hint().ifPresent(history::learned);
    List.copyOf(running).forEach(this::drop);
  }

  private void drop(Segment segment) {
    if (running.remove(segment)) {
      slots.giveBack();
      segment.cancel();
    }
  }
}
