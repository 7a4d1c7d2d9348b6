package dev.breakwater.mirror.download;

import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Tells when something has stood still without a break for longer than a limit, and again each time
 * as much has passed. Confined to one context.
 */
final class Standstill {
  private static final long NONE = -1;

  private final Vertx vertx;
  private final long limit;
  private final Runnable tooLong;
  private boolean standing;
  private long since;
  private long timer = NONE;

  Standstill(Vertx vertx, Duration limit, Runnable tooLong) {
    this.vertx = vertx;
    this.limit = limit.toNanos();
    this.tooLong = tooLong;
  }

  /** It stands still now, if it did not already. */
  void begin() {
    if (!standing) {
      standing = true;
      since = System.nanoTime();
      if (timer == NONE) {
        look(limit);
      }
    }
  }

  /** It moves. Cheap, and may be said often: the timer is left to find out. */
  void end() {
    standing = false;
  }

  /** Looks no more. */
  void close() {
    standing = false;
    if (timer != NONE) {
      vertx.cancelTimer(timer);
      timer = NONE;
    }
  }

  private void look(long nanos) {
    timer = vertx.setTimer(Math.max(1, Duration.ofNanos(nanos).toMillis()), ignored -> looked());
  }

  private void looked() {
    timer = NONE;
    if (!standing) {
      return;
    }
    long left = limit - (System.nanoTime() - since);
    if (left > 0) {
      look(left);
      return;
    }
    since = System.nanoTime();
    look(limit);
    tooLong.run();
  }
}
