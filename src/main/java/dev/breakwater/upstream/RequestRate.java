package dev.breakwater.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Keeps the requests to one registry below so many within a time, in every window of that length.
 * Owns no timer. Thread-safe.
 */
final class RequestRate {
  /*
   * The moments of the last requests, of which the oldest one is replaced next: a request may go
   * when the one that is so many before it is a window old. Those that wait have their moments
   * reserved, in the order in which they came.
   */
  private final long[] moments;
  private final long window;
  private final LongSupplier clock;
  private int known;
  private int next;

  /**
   * Nothing was sent yet.
   *
   * @param limit empty for no limit
   * @param clock monotonic nanoseconds
   */
  RequestRate(Optional<RequestLimits.Rate> limit, LongSupplier clock) {
    this.moments = new long[limit.map(RequestLimits.Rate::requests).orElse(0)];
    this.window = limit.map(rate -> rate.window().toNanos()).orElse(0L);
    this.clock = clock;
  }

  /**
   * Counts a request that will be sent as soon as it may.
   *
   * @param patience how long it can wait
   * @return how long it has to wait; empty if that is too long, and it is not counted
   */
  synchronized Optional<Duration> reserve(Duration patience) {
    if (moments.length == 0) {
      return Optional.of(Duration.ZERO);
    }
    long now = clock.getAsLong();
    long moment = nextMoment(now);
    Duration wait = Duration.ofNanos(moment - now);
    if (wait.compareTo(patience) > 0) {
      return Optional.empty();
    }
    keep(moment);
    return Optional.of(wait);
  }

  /** Counts a request that is sent in any case; those that are still to come make up for it. */
  synchronized void count() {
    if (moments.length > 0) {
      keep(nextMoment(clock.getAsLong()));
    }
  }

  private long nextMoment(long now) {
    return known < moments.length || moments[next] + window - now <= 0
        ? now
        : moments[next] + window;
  }

  private void keep(long moment) {
    moments[next] = moment;
    next = (next + 1) % moments.length;
    known = Math.min(known + 1, moments.length);
  }
}
