package dev.breakwater;

import dev.breakwater.upstream.TimeLimits;
import java.time.Clock;

/**
 * What no operator sets, but tests of the whole product do, so that they need not wait.
 *
 * @param upstreamLimits how long every upstream may take
 * @param clock what the age of cached facts is measured by
 */
record Tuning(TimeLimits upstreamLimits, Clock clock) {
  /** Of normal operation. */
  static final Tuning NORMAL = new Tuning(TimeLimits.DEFAULT, Clock.systemUTC());
}
