package dev.breakwater.oci;

import java.time.Duration;

/**
 * A time to wait as people and headers are told it. It is rounded here only, so that a log line, an
 * error message, {@code Retry-After}, the admin API and a metric name the same number.
 */
public final class Seconds {
  private Seconds() {}

  /** Whole seconds, rounded up: who waits so long does not come too early. Zero for none. */
  public static long roundedUp(Duration time) {
    return time.isNegative() ? 0 : time.plusNanos(999_999_999).toSeconds();
  }
}
