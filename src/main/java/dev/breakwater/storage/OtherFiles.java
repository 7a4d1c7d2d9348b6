package dev.breakwater.storage;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The bytes of files that are not reserved for, measured again when a measure is old. Thread-safe.
 */
final class OtherFiles {
  private static final long MEASURE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier measure;
  private volatile long bytes;
  private volatile long measuredAt;

  /** Measures at once, which blocks. */
  OtherFiles(LongSupplier measure) {
    this.measure = measure;
    this.bytes = measure.getAsLong();
    this.measuredAt = System.nanoTime();
  }

  /** Measures if the last measure is a second old; then it blocks. */
  void refresh() {
    long now = System.nanoTime();
    if (now - measuredAt >= MEASURE_NANOS) {
      bytes = measure.getAsLong();
      measuredAt = now;
    }
  }

  /** As of the last measure. */
  long bytes() {
    return bytes;
  }
}
