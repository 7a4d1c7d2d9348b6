package dev.breakwater.mirror;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets so many downloads run at once; the others wait in order. Thread-safe. */
final class FillGate {
  /** A download that wants to begin. */
  interface Entrant {
    /** It begins; whoever let it begin is told its end by {@link FillGate#leave}. */
    void begin();

    /** It never will. */
    void refuse(String why);
  }

  private static final String STOPPING = "the server stops";

  private final int most;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<Entrant> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private int inside;

  @GuardedBy("lock")
  private boolean closed;

  FillGate(int most) {
    this.most = most;
  }

  /** Begins now, or when another download has left. */
  void enter(Entrant entrant) {
    boolean admitted = false;
    synchronized (lock) {
      if (!closed && inside >= most) {
        waiting.add(entrant);
        return;
      }
      if (!closed) {
        inside++;
        admitted = true;
      }
    }
    if (admitted) {
      entrant.begin();
    } else {
      entrant.refuse(STOPPING);
    }
  }

  /** Waits no longer, if it still waits: then it is refused. */
  void giveUp(Entrant entrant) {
    boolean waited;
    synchronized (lock) {
      waited = waiting.remove(entrant);
    }
    if (waited) {
      entrant.refuse(most + " downloads are under way, which is the most at once; ask again");
    }
  }

  /** How many wait. */
  int waiting() {
    synchronized (lock) {
      return waiting.size();
    }
  }

  /** A download has ended. */
  void leave() {
    Entrant next = next();
    if (next != null) {
      next.begin();
    }
  }

  private @Nullable Entrant next() {
    synchronized (lock) {
      Entrant next = waiting.poll();
      if (next == null) {
        inside--;
      }
      return next;
    }
  }

  /** Lets nobody in any more. */
  void close() {
    List<Entrant> refused;
    synchronized (lock) {
      closed = true;
      refused = new ArrayList<>(waiting);
      waiting.clear();
    }
    refused.forEach(one -> one.refuse(STOPPING));
  }
}
