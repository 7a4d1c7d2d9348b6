package dev.breakwater.upstream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Permits for large bodies: those of one registry that are in memory at a time, from the first byte
 * beyond {@link ParseExecutor#SMALL} until they are parsed. Thread-safe.
 */
final class LargeBodies {
  @GuardedBy("this")
  private final Queue<Promise<Void>> waiting = new ArrayDeque<>();

  @GuardedBy("this")
  private int free;

  LargeBodies(int permits) {
    this.free = permits;
  }

  /** Completes when the body may go on; then {@link #release} must follow, once. */
  Future<Void> acquire() {
    synchronized (this) {
      if (free == 0) {
        Promise<Void> promise = Promise.promise();
        waiting.add(promise);
        return promise.future();
      }
      free--;
    }
    return Future.succeededFuture();
  }

  /** Gives a permit to the one that has waited longest. */
  void release() {
    Promise<Void> next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        free++;
      }
    }
    if (next != null) {
      next.complete();
    }
  }
}
