package dev.breakwater.mirror;

import dev.breakwater.index.TagRecord;
import java.time.Clock;
import java.time.Duration;

/** For how long upstream's last word on something that may change is taken as still true. */
public final class Freshness {
  private final Clock clock;
  private final long timeToLiveMillis;

  /** The same time to live for everything. */
  public Freshness(Clock clock, Duration timeToLive) {
    this.clock = clock;
    this.timeToLiveMillis = timeToLive.toMillis();
  }

  boolean isFresh(TagRecord record) {
    return isFresh(record.checkedAt());
  }

  /** A time in the future means that the clock was set back: what it says is worth nothing. */
  boolean isFresh(long checkedAt) {
    long age = clock.millis() - checkedAt;
    return age >= 0 && age < timeToLiveMillis;
  }

  /** Seconds until the record should be checked again, rounded up; never negative. */
  long secondsLeft(TagRecord record) {
    long left = timeToLiveMillis - (clock.millis() - record.checkedAt());
    return Math.max(0, (left + 999) / 1000);
  }

  long now() {
    return clock.millis();
  }
}
