package dev.breakwater.mirror.download;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The last hint of the downloads from one upstream, so that the next ones need not find out again.
 * Forgotten after a while, since networks change. Thread-safe.
 */
final class SegmentHistory {
  private static final long KEPT_NANOS = Duration.ofMinutes(10).toNanos();

  private record Noted(SegmentHint hint, long at) {}

  private final LongSupplier nanos;
  private final AtomicReference<@Nullable Noted> noted = new AtomicReference<>();

  /** Knows nothing yet. */
  SegmentHistory(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** What to begin with; empty if unknown. */
  Optional<SegmentHint> hint() {
    Noted last = noted.get();
    return last == null || nanos.getAsLong() - last.at > KEPT_NANOS
        ? Optional.empty()
        : Optional.of(last.hint);
  }

  /** A download has measured this. */
  void learned(SegmentHint hint) {
    noted.set(new Noted(hint, nanos.getAsLong()));
  }
}
