package dev.breakwater.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Cuts readers off that take next to nothing, so that they do not hold files and memory for ever
 * (docs/findings.md#slow-readers). One per event loop, confined to it.
 */
final class PaceGuard {
  /** An answer that is being read. */
  interface Reader {
    /** How many bytes the client has taken so far. */
    long taken();

    /** Whether the client is what the answer waits for, as opposed to upstream. */
    boolean waitsForClient();

    /** Ends the answer at once. */
    void cutOff();
  }

  /** Where a reader stood when its time began to count. */
  private record Mark(long nanos, long taken) {}

  private final long minimum;
  private final long patienceNanos;
  private final LongSupplier nanoClock;
  private final Map<Reader, Mark> readers = new HashMap<>();

  PaceGuard(ServerSettings.Limits limits, LongSupplier nanoClock) {
    this.minimum = limits.slowestReader() * limits.patience().toMillis() / 1000;
    this.patienceNanos = limits.patience().toNanos();
    this.nanoClock = nanoClock;
  }

  void watch(Reader reader) {
    readers.put(reader, new Mark(nanoClock.getAsLong(), 0));
  }

  void forget(Reader reader) {
    readers.remove(reader);
  }

  /** Looks at every reader; to be called several times within the patience. */
  void sweep() {
    long now = nanoClock.getAsLong();
    var tooSlow = new ArrayList<Reader>();
    for (Map.Entry<Reader, Mark> entry : readers.entrySet()) {
      Reader reader = entry.getKey();
      Mark mark = entry.getValue();
      if (!reader.waitsForClient()) {
        entry.setValue(new Mark(now, reader.taken()));
      } else if (now - mark.nanos >= patienceNanos) {
        if (reader.taken() - mark.taken < minimum) {
          tooSlow.add(reader);
        }
        entry.setValue(new Mark(now, reader.taken()));
      }
    }
    tooSlow.forEach(Reader::cutOff);
  }
}
