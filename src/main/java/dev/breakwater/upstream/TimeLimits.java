package dev.breakwater.upstream;

import java.time.Duration;

/**
 * How long upstream may take (reliability.md §5.2). containerd gives up on a mirror whose headers
 * take 30 s, so {@code headers} is below that and covers all that comes before them.
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
          Duration.ofSeconds(25),
          Duration.ofSeconds(30),
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

  private static boolean isPositive(Duration duration) {
    return duration.toMillis() > 0;
  }
}
