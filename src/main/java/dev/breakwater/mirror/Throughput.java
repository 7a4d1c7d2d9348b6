package dev.breakwater.mirror;

/**
 * Decides how many segments a fill should have, from how fast bytes come. One is enough for an
 * upstream that is fast on one connection; where each connection is held back, as content networks
 * do, more are added as long as that pays.
 */
final class Throughput {
  /*
   * Looked at every TICK. While the target is met by segments that have all begun to send:
   *
   *   the rest takes less than WORTHWHILE at this pace, or the pace is FAST  -> stay
   *   the last step up made it faster by less than GAIN                      -> stay, for good
   *   else                                                                   -> step up (x4, then x2)
   *
   * A tick in which our own side held upstream back (disk behind, event loop late) tells nothing of
   * upstream and is passed over.
   */

  private static final double WORTHWHILE_SECONDS = 0.35;
  private static final double FAST = 150e6;
  private static final double GAIN = 1.25;

  private final int most;
  private int target = 1;
  private double paceBefore;
  private long bytesBefore = -1;
  private boolean settled;

  /** At most so many segments. */
  Throughput(int most) {
    this.most = most;
    this.settled = most <= 1;
  }

  /** How many segments there should be. */
  int target() {
    return target;
  }

  /** Whether the number will not grow any more. */
  boolean isSettled() {
    return settled;
  }

  /** No more than this many from now on. */
  void settleAt(int segments) {
    target = Math.max(1, segments);
    settled = true;
  }

  /** What was counted so far says nothing about what comes. */
  void skip(long bytes) {
    bytesBefore = bytes;
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
    if (settled || before < 0 || !complete || seconds <= 0) {
      return;
    }
    double pace = (bytes - before) / seconds;
    if (pace <= 0 || pace > FAST || missing < pace * WORTHWHILE_SECONDS) {
      return;
    }
    if (target > 1 && pace < paceBefore * GAIN) {
      settled = true;
      return;
    }
    paceBefore = pace;
    target = Math.min(most, target == 1 ? 4 : target * 2);
    settled = target == most;
  }
}
