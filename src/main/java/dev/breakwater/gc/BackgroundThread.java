package dev.breakwater.gc;

import dev.breakwater.metrics.BackgroundMeters;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named thread for work that goes on beside the server until it is told to stop. Work that fails,
 * in whatever way, is logged, counted and begun again after a pause, which doubles while nothing
 * succeeds.
 */
final class BackgroundThread {
  /** What the thread does. */
  @FunctionalInterface
  interface Work {
    /**
     * Runs until all is done, or the thread is interrupted. Called again after a failure.
     *
     * @throws Exception if it failed; an InterruptedException if it was told to stop
     */
    void run() throws Exception;
  }

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(BackgroundThread.class);

  private final String name;
  private final Work work;
  private final Duration longestPause;
  private final BackgroundMeters meters;
  private final Thread thread;
  private volatile boolean stopped;

  /** The pause after the next failure; the thread's own. */
  private Duration pause;

  /**
   * Does nothing before {@link #start}.
   *
   * @param longestPause after a failure, before the work begins again
   */
  BackgroundThread(String name, Duration longestPause, BackgroundMeters meters, Work work) {
    this.name = name;
    this.work = work;
    this.longestPause = longestPause;
    this.meters = meters;
    this.pause = firstPause();
    this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
  }

  private Duration firstPause() {
    return FIRST_PAUSE.compareTo(longestPause) < 0 ? FIRST_PAUSE : longestPause;
  }

  void start() {
    meters.started(name);
    thread.start();
  }

  private void run() {
    try {
      while (!stopped && !tryOnce()) {
        Thread.sleep(pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
      }
    } catch (InterruptedException e) {
      log.debug("{} stopped", name, e);
    }
  }

  /** Whether the work has ended without a failure. */
  @SuppressWarnings("CatchingUnchecked") // Whatever it is, the thread must survive it.
  private boolean tryOnce() throws InterruptedException {
    try {
      work.run();
      succeeded();
      return true;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | Error e) {
      if (stopped) {
        // What was told to stop may fail in any way.
        log.debug("{} failed while it stopped", name, e);
        return true;
      }
      failed(e);
      return false;
    }
  }

  /** Called by the work: part of it failed; it goes on with the rest. */
  void failed(Throwable cause) {
    meters.failed(name, cause);
    log.error("background task '{}' failed; it is retried", name, cause);
  }

  /** Called by the work: it has done what it should, so an earlier failure is over. */
  void succeeded() {
    pause = firstPause();
    meters.succeeded(name);
  }

  /** Waits until the work has ended by itself, or was stopped by another thread. */
  void join() throws InterruptedException {
    thread.join();
  }

  /** Interrupts the work and waits until it has ended; at once if it was never started. */
  void stop() {
    stopped = true;
    thread.interrupt();
    awaitEnd();
  }

  /** The same for work that has been told to end in another way, and is not interrupted. */
  void awaitEnd() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
