package dev.breakwater.gc;

import java.time.Duration;

/**
 * What earlier sweeps found to be unreferenced, and since when; in memory, so that a restart gives
 * everything its grace again. Used by one thread.
 */
final class GracePeriods {
  private LongTable before = new LongTable();
  private LongTable found = new LongTable();
  private long now;

  /** A sweep begins. */
  void begin(long millis) {
    now = millis;
    found = new LongTable();
  }

  /** Whether it was found useless so long ago already; it is noted. */
  boolean sinceLongerThan(long name, Duration grace) {
    long since = before.contains(name) ? before.get(name) : now;
    found.put(name, since);
    return now - since >= grace.toMillis();
  }

  /** The sweep is over: what it did not find is not suspect any more. */
  void end() {
    before = found;
  }
}
