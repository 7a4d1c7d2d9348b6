package dev.breakwater.mirror.download;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many segments a download should have, from how fast bytes come. One is enough for an
 * upstream that is fast on one connection; where each connection is held back, as content networks
 * do, more are added as long as that pays.
 */
final class Throughput {
  /*
   * Looked at every TICK. While the target is met by segments that have all begun to send:
   *
   *   the last step up made it faster by less than GAIN                      -> stay, for good
   *   the rest takes less than WORTHWHILE at this pace, or the pace is FAST  -> stay
   *   else                                                                   -> step up (x4, then x2)
   *
   * The hint for the next download is the number whose gain was measured, without more where a
   * larger one brought nothing; or one, where one was FAST. What ends before a gain could be
   * measured teaches all the same if it was faster by GAIN on the whole since the step.
   *
   * A tick in which our own side held upstream back (disk behind, event loop late) tells nothing of
   * upstream and is passed over.
   */

  private static final double WORTHWHILE_SECONDS = 0.35;
  private static final double FAST = 150e6;
  private static final double GAIN = 1.25;

  private final int most;
  private int target;
  private int stepFrom;
  private double paceBefore;
  private long bytesBefore = -1;
  private long bytesAtStep;
  private double secondsSinceStep;
  private boolean settled;
  private @Nullable SegmentHint hint;

  /** At most so many segments, to begin with those of the hint. */
  Throughput(int most, SegmentHint begin) {
    this.most = most;
    this.target = Math.min(most, begin.segments());
    this.settled = most <= 1 || !begin.more();
  }

  /** How many segments there should be. */
  int target() {
    return target;
  }

  /** Whether there is nothing more to find out. */
  boolean isSettled() {
    return settled;
  }

  /** Whether the number may still grow. */
  boolean mayGrow() {
    return !settled && target < most;
  }

  /** No more than this many from now on. */
  void settleAt(int segments) {
    target = Math.max(1, segments);
    settled = true;
  }

  /**
   * What was counted so far says nothing about what comes.
   *
   * @param seconds since the last tick
   */
  void skip(long bytes, double seconds) {
    bytesBefore = bytes;
    secondsSinceStep += seconds;
  }

  /**
   * All bytes have come.
   *
   * @param seconds since the last tick
   */
  void complete(long bytes, double seconds) {
    double since = secondsSinceStep + seconds;
    if (!settled
        && paceBefore > 0
        && since > 0
        && (bytes - bytesAtStep) / since >= paceBefore * GAIN) {
      hint = new SegmentHint(target, target < most);
    }
  }

  /**
   * A tick has passed.
   *
   * @param bytes received so far
   * @param missing bytes still to come
   * @param seconds since the last tick
   * @param complete whether as many segments as wanted are sending
   */
  void tick(long bytes, long missing, double seconds, boolean complete) {
    long before = bytesBefore;
    bytesBefore = bytes;
    secondsSinceStep += seconds;
    if (settled || before < 0 || !complete || seconds <= 0) {
      return;
    }
    double pace = (bytes - before) / seconds;
    if (pace <= 0) {
      return;
    }
    if (paceBefore > 0 && pace < paceBefore * GAIN) {
      settled = true;
      hint = new SegmentHint(stepFrom, false);
      return;
    }
    if (paceBefore > 0) {
      hint = new SegmentHint(target, target < most);
    } else if (target == 1 && pace > FAST) {
      hint = new SegmentHint(1, true);
    }
    if (target == most) {
      settled = true;
    } else if (pace <= FAST && missing >= pace * WORTHWHILE_SECONDS) {
      paceBefore = pace;
      stepFrom = target;
      bytesAtStep = bytes;
      secondsSinceStep = 0;
      target = Math.min(most, target == 1 ? 4 : target * 2);
    }
  }

  /** What was found out; empty if too little came to tell. */
  Optional<SegmentHint> hint() {
    return Optional.ofNullable(hint);
  }
}
