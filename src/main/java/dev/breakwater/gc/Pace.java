package dev.breakwater.gc;

import java.util.concurrent.TimeUnit;

/**
 * Keeps long work from being all that the machine does: after a while of working it rests as long
 * as it worked. Used by one thread.
 */
final class Pace {
  private static final long WORK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final int LOOK_EVERY = 32;

  private final boolean rests;
  private long since = System.nanoTime();
  private int steps;

  /** Rests, or does not. */
  Pace(boolean rests) {
    this.rests = rests;
  }

  /**
   * One more row was looked at.
   *
   * @throws SweepStopped if the thread has been interrupted
   */
  void step() {
    steps++;
    if (steps % LOOK_EVERY == 0) {
      rest();
    }
  }

  /** A file was deleted, or as much was done. */
  void bigStep() {
    rest();
  }

  private void rest() {
    if (Thread.currentThread().isInterrupted()) {
      throw new SweepStopped();
    }
    long worked = System.nanoTime() - since;
    if (worked < WORK_NANOS) {
      return;
    }
    if (rests) {
      try {
        TimeUnit.NANOSECONDS.sleep(worked);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SweepStopped();
      }
    }
    since = System.nanoTime();
  }
}
