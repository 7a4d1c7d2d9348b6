package dev.breakwater.testing;

import java.util.function.LongSupplier;

/**
 * A token bucket: so many bytes a second, with at most 20 ms of arrears made good when a thread
 * wakes late. Used by one thread.
 */
final class Throttle {
  private static final long SECOND = 1_000_000_000L;
  private static final long ARREARS = SECOND / 50;

  private final long bytesPerSecond;
  private final LongSupplier nanoTime;
  private long dueAt;

  Throttle(long bytesPerSecond) {
    this(bytesPerSecond, System::nanoTime);
  }

  /** A throttle by a clock of one's own. */
  Throttle(long bytesPerSecond, LongSupplier nanoTime) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("rate " + bytesPerSecond + " is not positive");
    }
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.dueAt = nanoTime.getAsLong();
  }

  long bytesPerSecond() {
    return bytesPerSecond;
  }

  /** How many bytes to send at once: a hundredth of a second's. */
  int piece(int largest) {
    return Math.clamp(bytesPerSecond / 100, 1, largest);
  }

  /** Books so many bytes and says how many nanoseconds to wait before sending them. */
  long book(int bytes) {
    long now = nanoTime.getAsLong();
    if (now - dueAt > ARREARS) {
      dueAt = now - ARREARS;
    }
    long wait = Math.max(0, dueAt - now);
    dueAt += (long) (bytes * (double) SECOND / bytesPerSecond);
    return wait;
  }
}
