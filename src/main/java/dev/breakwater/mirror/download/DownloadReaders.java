package dev.breakwater.mirror.download;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.registry.Region;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Those who wait for bytes of a download. No wake-up is lost: a reader looks for bytes and becomes
 * a waiter under one lock, and who changes something looks through the waiters under the same lock
 * afterwards. Thread-safe.
 */
final class DownloadReaders {
  /** The wish of one reader, granted on its home context. */
  private record Waiter(
      Object reader,
      Supplier<Optional<Future<Region>>> wish,
      Context home,
      Promise<Region> promise) {
    void tell(Future<Region> answer) {
      home.runOnContext(ignored -> answer.onComplete(promise));
    }
  }

  private final Vertx vertx;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final List<Waiter> waiters = new ArrayList<>();

  DownloadReaders(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * Grants a wish now or later, on the caller's context.
   *
   * @param wish gives the bytes, or why they will never come; empty while there is nothing to say
   */
  Future<Region> wish(Object reader, Supplier<Optional<Future<Region>>> wish) {
    synchronized (lock) {
      Optional<Future<Region>> granted = wish.get();
      if (granted.isPresent()) {
        return granted.get();
      }
      Promise<Region> promise = Promise.promise();
      waiters.add(new Waiter(reader, wish, vertx.getOrCreateContext(), promise));
      return promise.future();
    }
  }

  /** Something has changed: grants what can be granted now. */
  void wake() {
    List<Runnable> calls = new ArrayList<>();
    synchronized (lock) {
      for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
        Waiter waiter = each.next();
        Optional<Future<Region>> granted = waiter.wish().get();
        if (granted.isPresent()) {
          each.remove();
          calls.add(() -> waiter.tell(granted.get()));
        }
      }
    }
    calls.forEach(Runnable::run);
  }

  /** Whether a reader waits. */
  boolean anyWaits() {
    synchronized (lock) {
      return !waiters.isEmpty();
    }
  }

  /** Whether this reader waits. */
  boolean waits(Object reader) {
    synchronized (lock) {
      return waiters.stream().anyMatch(waiter -> waiter.reader().equals(reader));
    }
  }

  /** Forgets what this reader wished for; its future never completes. */
  void forget(Object reader) {
    synchronized (lock) {
      waiters.removeIf(waiter -> waiter.reader().equals(reader));
    }
  }
}
