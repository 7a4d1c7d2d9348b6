package dev.breakwater.mirror;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets so many downloads run at once; the others wait in order. Thread-safe. */
final class FillGate {
  private record Waiting(Runnable begin, Runnable refuse) {}

  private final int most;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private int inside;

  @GuardedBy("lock")
  private boolean closed;

  FillGate(int most) {
    this.most = most;
  }

  /**
   * Begins now or when another download has left; whoever begins calls {@link #leave} at its end.
   *
   * @param refuse called instead when the gate is closed
   */
  void enter(Runnable begin, Runnable refuse) {
    Runnable now;
    synchronized (lock) {
      if (closed) {
        now = refuse;
      } else if (inside < most) {
        inside++;
        now = begin;
      } else {
        waiting.add(new Waiting(begin, refuse));
        return;
      }
    }
    now.run();
  }

  /** A download has ended. */
  void leave() {
    Waiting next = next();
    if (next != null) {
      next.begin().run();
    }
  }

  private @Nullable Waiting next() {
    synchronized (lock) {
      Waiting next = waiting.poll();
      if (next == null) {
        inside--;
      }
      return next;
    }
  }

  /** Lets nobody in any more. */
  void close() {
    List<Waiting> refused;
    synchronized (lock) {
      closed = true;
      refused = new ArrayList<>(waiting);
      waiting.clear();
    }
    refused.forEach(one -> one.refuse().run());
  }
}
