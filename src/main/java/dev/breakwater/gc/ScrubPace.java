package dev.breakwater.gc;

import dev.breakwater.storage.BlobCheck;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Lets a reader read so many bytes a second and no more. Used by one thread. */
final class ScrubPace implements BlobCheck.Pacing {
  /** Sleeps. */
  @FunctionalInterface
  interface Sleeper {
    /** For so long. */
    void sleep(long nanos) throws InterruptedException;
  }

  private final long bytesPerSecond;
  private final LongSupplier nanoTime;
  private final Sleeper sleeper;
  private long mayReadAt;

  ScrubPace(long bytesPerSecond) {
    this(bytesPerSecond, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  ScrubPace(long bytesPerSecond, LongSupplier nanoTime, Sleeper sleeper) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.sleeper = sleeper;
    this.mayReadAt = nanoTime.getAsLong();
  }

  @Override
  public void read(long bytes) throws InterruptedException {
    long now = nanoTime.getAsLong();
    // What was not read while there was nothing to read is not made up for.
    mayReadAt = Math.max(mayReadAt, now) + bytes * 1_000_000_000 / bytesPerSecond;
    if (mayReadAt > now) {
      sleeper.sleep(mayReadAt - now);
    }
  }
}
