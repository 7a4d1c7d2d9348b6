package dev.breakwater.gc;

import java.util.concurrent.TimeUnit;

/**
 * Keeps long work from being all that the machine does: after a while of working it rests for three
 * times as long, so that neither its use of the processor nor the garbage it leaves to be collected
 * holds up one request in a hundred. Used by one thread.
 */
final class WorkPacer {
  /** Too short to delay a request that waits for the processor. */
  private static final long WORK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private static final int REST = 3;

  private final boolean rests;
  private long since = System.nanoTime();

  /** Rests, or does not. */
  WorkPacer(boolean rests) {
    this.rests = rests;
  }

  /**
   * One more row was looked at, or a file deleted.
   *
   * @throws SweepStoppedException if the thread has been interrupted
   */
  void step() {
    if (Thread.currentThread().isInterrupted()) {
      throw new SweepStoppedException();
    }
    long worked = System.nanoTime() - since;
    if (worked < WORK_NANOS) {
      return;
    }
    if (rests) {
      try {
        TimeUnit.NANOSECONDS.sleep(REST * worked);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SweepStoppedException();
      }
    }
    since = System.nanoTime();
  }
}
