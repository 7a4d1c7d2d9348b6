package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A moment on the monotonic clock until which something must be done. */
final class Deadline {
  /** In less time no answer comes over a network. */
  private static final Duration LEAST_USEFUL = Duration.ofMillis(20);

  private final LongSupplier clock;
  private final long begun;
  private final long end;

  private Deadline(LongSupplier clock, long end) {
    this.clock = clock;
    this.begun = clock.getAsLong();
    this.end = end;
  }

  static Deadline in(Duration time, LongSupplier clock) {
    return new Deadline(clock, clock.getAsLong() + time.toNanos());
  }

  /** The given part of what is left, at most until a limit from now. */
  Deadline share(int parts) {
    return new Deadline(clock, clock.getAsLong() + remainingNanos() / parts);
  }

  /** This, or a shorter time from now. */
  Deadline atMost(Duration time) {
    return new Deadline(clock, clock.getAsLong() + Math.min(remainingNanos(), time.toNanos()));
  }

  boolean isOver() {
    return remainingNanos() <= 0;
  }

  /** Whether so much time is left, and some to do something with it. */
  boolean leaves(Duration time) {
    return remainingNanos() - time.toNanos() > LEAST_USEFUL.toNanos();
  }

  /** For timers: never below 1, the least Vert.x takes. */
  long remainingMillis() {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(remainingNanos()));
  }

  /** How long ago it was set. */
  Duration elapsed() {
    return Duration.ofNanos(clock.getAsLong() - begun);
  }

  /** The future's result, or the given failure when it comes too late. On the current context. */
  <T> Future<T> limit(Vertx vertx, Future<T> future, Supplier<? extends Throwable> late) {
    Promise<T> result = Promise.promise();
    long timer = vertx.setTimer(remainingMillis(), id -> result.tryFail(late.get()));
    future.onComplete(
        outcome -> {
          vertx.cancelTimer(timer);
          if (outcome.succeeded()) {
            result.tryComplete(outcome.result());
          } else {
            result.tryFail(outcome.cause());
          }
        });
    return result.future();
  }

  private long remainingNanos() {
    return end - clock.getAsLong();
  }
}
