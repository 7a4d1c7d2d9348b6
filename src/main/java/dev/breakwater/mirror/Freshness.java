package dev.breakwater.mirror;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/** For how long upstream's last word on something that may change is taken as still true. */
public final class Freshness {
  private final Clock clock;
  private final Map<ZoneName, TagTtls> zones;
  private final Duration grace;

  /**
   * The rules of all zones.
   *
   * @param grace for how long after its time to live an answer is still given at once, while
   *     upstream is asked for the next one
   */
  public Freshness(Clock clock, Map<ZoneName, TagTtls> zones, Duration grace) {
    this.clock = clock;
    this.zones = Map.copyOf(zones);
    this.grace = grace;
  }

  /** How long the tag is fresh. */
  Duration timeToLive(ZoneName zone, RepositoryName repository, Tag tag) {
    return rules(zone).of(repository, tag);
  }

  /** How long listings of the zone are fresh. */
  Duration timeToLive(ZoneName zone) {
    return rules(zone).usual();
  }

  private TagTtls rules(ZoneName zone) {
    TagTtls rules = zones.get(zone);
    if (rules == null) {
      throw new IllegalArgumentException("no times to live for " + zone);
    }
    return rules;
  }

  /** A time in the future means that the clock was set back: what it says is worth nothing. */
  boolean isFresh(long checkedAt, Duration timeToLive) {
    long age = clock.millis() - checkedAt;
    return age >= 0 && age < timeToLive.toMillis();
  }

  /** Whether it may be given although its time is over, because that was not long ago. */
  boolean isInGrace(long checkedAt, Duration timeToLive) {
    return isFresh(checkedAt, timeToLive.plus(grace));
  }

  /** Seconds until it should be checked again, rounded up; never negative. */
  long secondsLeft(long checkedAt, Duration timeToLive) {
    long left = timeToLive.toMillis() - (clock.millis() - checkedAt);
    return Math.max(0, (left + 999) / 1000);
  }

  long now() {
    return clock.millis();
  }
}
