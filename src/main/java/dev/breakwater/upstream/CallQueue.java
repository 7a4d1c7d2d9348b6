package dev.breakwater.upstream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many calls to a registry run at once; the others wait here. Clients take turns, however
 * many calls each of them has waiting, so that one that asks for a thousand tags does not keep
 * another from its one. Waiting here is our own doing: it says nothing about the registry, and
 * neither its breaker nor what is known of its speed hears of it. A call that has its place waits
 * there until the rate of requests allows its first one. Thread-safe.
 */
final class CallQueue {
  private final Vertx vertx;
  private final int most;
  private final int mostWaiting;
  private final RequestRate rate;

  @GuardedBy("this")
  private final Map<String, Deque<Entry>> waiting = new LinkedHashMap<>();

  @GuardedBy("this")
  private int inside;

  @GuardedBy("this")
  private int waitingInAll;

  /** The place of one call; to be given back by {@link #leave}, once or more often. */
  final class Lease {
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile boolean paid;

    private Lease() {}

    /** Whether the rate has counted the first request of the call. */
    boolean isPaid() {
      return paid;
    }

    void leave() {
      if (left.compareAndSet(false, true)) {
        CallQueue.this.left();
      }
    }
  }

  private record Entry(Promise<Optional<Lease>> promise, Context context, long timer) {}

  /**
   * Nothing runs yet.
   *
   * @param most calls at once
   * @param mostWaiting calls that may wait; more are refused
   * @param rate of the requests to the registry
   */
  CallQueue(Vertx vertx, int most, int mostWaiting, RequestRate rate) {
    this.vertx = vertx;
    this.most = most;
    this.mostWaiting = mostWaiting;
    this.rate = rate;
  }

  /**
   * A place for a call; empty if there is none in time or too many wait already. On the current
   * context.
   *
   * @param client for whom
   * @param asks whether the call will send a request, as far as is known
   */
  Future<Optional<Lease>> enter(String client, Duration patience, boolean asks) {
    Future<Optional<Lease>> place = place(client, patience);
    return asks
        ? place.compose(
            lease ->
                lease
                    .map(own -> paced(own, patience))
                    .orElseGet(() -> Future.succeededFuture(lease)))
        : place;
  }

  private Future<Optional<Lease>> paced(Lease lease, Duration patience) {
    Optional<Duration> wait = rate.reserve(patience);
    if (wait.isEmpty()) {
      lease.leave();
      return Future.succeededFuture(Optional.empty());
    }
    lease.paid = true;
    // Rounded up: not a moment too early.
    long millis = wait.get().plusNanos(999_999).toMillis();
    return millis == 0
        ? Future.succeededFuture(Optional.of(lease))
        : vertx.timer(millis, TimeUnit.MILLISECONDS).map(ignored -> Optional.of(lease));
  }

  private Future<Optional<Lease>> place(String client, Duration patience) {
    Promise<Optional<Lease>> promise = Promise.promise();
    synchronized (this) {
      if (inside < most) {
        inside++;
        return Future.succeededFuture(Optional.of(new Lease()));
      }
      if (waitingInAll >= mostWaiting) {
        return Future.succeededFuture(Optional.empty());
      }
      long timer = vertx.setTimer(Math.max(1, patience.toMillis()), id -> giveUp(client, id));
      waiting
          .computeIfAbsent(client, ignored -> new ArrayDeque<>())
          .add(new Entry(promise, vertx.getOrCreateContext(), timer));
      waitingInAll++;
    }
    return promise.future();
  }

  private void giveUp(String client, long timer) {
    Entry late = remove(client, timer);
    if (late != null) {
      late.promise.complete(Optional.empty());
    }
  }

  private synchronized @Nullable Entry remove(String client, long timer) {
    Deque<Entry> own = waiting.getOrDefault(client, new ArrayDeque<>());
    for (Entry entry : own) {
      if (entry.timer == timer) {
        own.remove(entry);
        waitingInAll--;
        if (own.isEmpty()) {
          waiting.remove(client);
        }
        return entry;
      }
    }
    return null;
  }

  private void left() {
    Entry next = next();
    if (next != null) {
      vertx.cancelTimer(next.timer);
      next.context.runOnContext(ignored -> next.promise.complete(Optional.of(new Lease())));
    }
  }

  /** The first call of the client whose turn it is, which goes to the end of the row. */
  private synchronized @Nullable Entry next() {
    Iterator<Map.Entry<String, Deque<Entry>>> clients = waiting.entrySet().iterator();
    if (!clients.hasNext()) {
      inside--;
      return null;
    }
    Map.Entry<String, Deque<Entry>> turn = clients.next();
    String client = turn.getKey();
    Deque<Entry> calls = turn.getValue();
    clients.remove();
    Entry first = calls.remove();
    waitingInAll--;
    if (!calls.isEmpty()) {
      waiting.put(client, calls);
    }
    return first;
  }

  /** How many calls wait. */
  synchronized int waiting() {
    return waitingInAll;
  }
}
