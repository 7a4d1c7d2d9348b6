package dev.breakwater.app;

import dev.breakwater.upstream.TimeLimits;
import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * What no operator sets, but tests of the whole product do, so that they need not wait.
 *
 * @param upstreamLimits how long every upstream may take
 * @param clock what the age of cached facts is measured by
 * @param nanos the monotonic clock, for everything that upstream is given time for
 */
record TestOverrides(TimeLimits upstreamLimits, Clock clock, LongSupplier nanos) {
  /** Of normal operation. */
  static final TestOverrides NORMAL =
      new TestOverrides(TimeLimits.DEFAULT, Clock.systemUTC(), System::nanoTime);
}
