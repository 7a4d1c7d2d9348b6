package dev.breakwater.mirror;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

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

  /** One task a turn, so that many fills share the threads fairly. */
  private void runNext() {
    Runnable task = poll();
    if (task == null) {
      return;
    }
    try {
      task.run();
    } finally {
      threads.execute(this::runNext);
    }
  }

  private @Nullable Runnable poll() {
    synchronized (lock) {
      Runnable task = tasks.poll();
      if (task == null) {
        running = false;
      }
      return task;
    }
  }
}
