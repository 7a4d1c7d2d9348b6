package dev.breakwater.upstream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * For how long it makes sense to wait for an upstream's word on one kind of thing when there is an
 * old answer to give instead. Owns no timer. Thread-safe.
 */
final class AdaptiveTimeout {
  /*
   * A registry that stops answering must not hold up pulls of what is cached, not even before the
   * breaker knows that it is dead. So no request waits longer than ten times what an answer usually
   * takes, at most three seconds, and at least 40 ms, or half a second as long as few answers say
   * what is usual. That time is counted from when the registry fell silent, not from each question:
   * once it has been silent for so long, or has failed, no request waits at all until an answer
   * comes.
   */

  private static final Duration LEAST = Duration.ofMillis(40);
  private static final Duration LEAST_AT_FIRST = Duration.ofMillis(500);
  private static final Duration MOST = Duration.ofSeconds(3);
  private static final int TIMES = 10;

  /** So many answers say what is usual. */
  private static final int ENOUGH = 30;

  /** The share of the newest answer in what is usual. */
  private static final double NEW = 0.2;

  private final LongSupplier clock;

  @GuardedBy("this")
  private double usualNanos;

  @GuardedBy("this")
  private int answers;

  @GuardedBy("this")
  private int pending;

  @GuardedBy("this")
  private long silentSince;

  @GuardedBy("this")
  private @Nullable UpstreamOutcome trouble;

  /** Nothing is known yet; {@code clock} is monotonic nanoseconds. */
  AdaptiveTimeout(LongSupplier clock) {
    this.clock = clock;
  }

  /** A question is asked. */
  synchronized void asked() {
    if (pending++ == 0) {
      silentSince = clock.getAsLong();
    }
  }

  /** A question was answered, whatever the answer said. */
  synchronized void answered(Duration took) {
    pending--;
    silentSince = clock.getAsLong();
    trouble = null;
    answers = Math.min(ENOUGH, answers + 1);
    usualNanos = answers == 1 ? took.toNanos() : usualNanos + NEW * (took.toNanos() - usualNanos);
  }

  /** A question was not answered. */
  synchronized void failed(UpstreamOutcome outcome) {
    pending--;
    trouble = outcome;
  }

  /** What to expect now. */
  synchronized UpstreamHealth health() {
    UpstreamOutcome known = trouble;
    return known == null
        ? UpstreamHealth.good(Duration.ofNanos(Math.max(0, left())))
        : UpstreamHealth.bad(true, known);
  }

  @GuardedBy("this")
  private long left() {
    Duration least = answers < ENOUGH ? LEAST_AT_FIRST : LEAST;
    long limit =
        answers == 0
            ? MOST.toNanos()
            : Math.clamp(Math.round(TIMES * usualNanos), least.toNanos(), MOST.toNanos());
    return pending == 0 ? limit : limit - (clock.getAsLong() - silentSince);
  }
}
