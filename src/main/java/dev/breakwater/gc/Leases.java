package dev.breakwater.gc;

import java.time.Duration;

/**
 * For how long eviction leaves alone what was stored or used a moment ago.
 *
 * @param grace within it a blob is never deleted to make room, whatever waits for room; zero for no
 *     such time
 */
public record Leases(Duration grace) {
  /** Within it a blob is deleted only for a download that waits, and after all others. */
  private static final Duration LEASE = Duration.ofMinutes(2);

  /** Whether a blob with this last use must stay. */
  boolean isInGrace(long lastUse, long now) {
    return isWithin(grace, lastUse, now);
  }

  /** Whether a blob with this last use may go only for a download that waits. */
  boolean isLeased(long lastUse, long now) {
    return isInGrace(lastUse, now) || isWithin(LEASE, lastUse, now);
  }

  /** A use in the future, by a clock that was set back since, protects no longer than others. */
  private static boolean isWithin(Duration time, long lastUse, long now) {
    return lastUse > now - time.toMillis() && lastUse < now + time.toMillis();
  }
}
