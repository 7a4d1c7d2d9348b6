package dev.breakwater.upstream;

import java.time.Duration;

/**
 * How long upstream may take. containerd gives up on a mirror whose headers take 30 s; ours take 25
 * s at the most, see {@link #answer} and docs/findings.md#time-limits.
 *
 * @param connect for looking the name up, for the TCP connection and for the TLS handshake, each
 * @param headers for a whole logical request until its answer's head: tokens, redirects, retries
 *     and mirrors included; small bodies too
 * @param stall how long a flowing body may bring nothing
 * @param floorRate bytes a second that a flowing body must bring on average
 * @param floorWindow over what time that average is taken
 */
public record TimeLimits(
    Duration connect, Duration headers, Duration stall, long floorRate, Duration floorWindow) {
  /** The limits of normal operation. */
  public static final TimeLimits DEFAULT =
      new TimeLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(22),
          Duration.ofSeconds(10),
          1024,
          Duration.ofSeconds(60));

  /** Checks that every limit is one. */
  public TimeLimits {
    if (!isPositive(connect)
        || !isPositive(headers)
        || !isPositive(stall)
        || !isPositive(floorWindow)
        || floorRate < 0) {
      throw new IllegalArgumentException("time limits of an upstream must be positive");
    }
  }

  /**
   * How long a client waits for the head of its answer, several logical requests in a row included:
   * a little longer than one of them, so that it is told how that one failed.
   */
  public Duration answer() {
    return headers.multipliedBy(25).dividedBy(22);
  }

  private static boolean isPositive(Duration duration) {
    return duration.toMillis() > 0;
  }
}
