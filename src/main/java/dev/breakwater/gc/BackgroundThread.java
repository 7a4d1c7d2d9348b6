package dev.breakwater.gc;

/** A named thread of its own for work that goes on beside the server, until it is told to stop. */
final class BackgroundThread {
  private final Thread thread;

  /** Does nothing before {@link #start}; the work returns when it is interrupted. */
  BackgroundThread(String name, Runnable work) {
    this.thread = Thread.ofPlatform().name(name).unstarted(work);
  }

  void start() {
    thread.start();
  }

  /** Waits until the work has ended by itself, or was stopped by another thread. */
  void join() throws InterruptedException {
    thread.join();
  }

  /** Interrupts the work and waits until it has ended; at once if it was never started. */
  void stop() {
    thread.interrupt();
    awaitEnd();
  }

  /** The same for work that has been told to end in another way. */
  void awaitEnd() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
