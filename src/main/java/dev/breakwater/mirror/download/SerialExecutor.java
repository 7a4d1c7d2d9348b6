package dev.breakwater.mirror.download;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/** Runs tasks one after another, in order, on threads it borrows from another executor. */
final class SerialExecutor implements Executor {
  private final Executor threads;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean running;

  SerialExecutor(Executor threads) {
    this.threads = threads;
  }

  @Override
  public void execute(Runnable task) {
    synchronized (lock) {
      tasks.add(task);
      if (running) {
        return;
      }
      running = true;
    }
    threads.execute(this::runNext);
  }

  /** One task a turn, so that many downloads share the threads fairly. */
  private void runNext() {
    Runnable task;
    synchronized (lock) {
      task = tasks.remove();
    }
    try {
      task.run();
    } finally {
      boolean more;
      synchronized (lock) {
        more = !tasks.isEmpty();
        running = more;
      }
      if (more) {
        threads.execute(this::runNext);
      }
    }
  }
}
