package dev.breakwater.upstream;

import java.time.Duration;

/**
 * What to expect of an upstream, as far as can be told without asking it.
 *
 * @param mayAsk whether asking has any prospect of an answer
 * @param patience for how long a request that can be answered from the cache should wait for
 *     upstream's word; zero for not at all
 * @param trouble what is wrong with it in one word, the label of an {@link UpstreamOutcome}; {@code
 *     slow} if it is only that
 * @param stretch what times to live are to be multiplied by, because its quota runs low; at least 1
 */
public record UpstreamHealth(boolean mayAsk, Duration patience, String trouble, double stretch) {
  private static final String SLOW = "slow";

  /** Nothing known against it. */
  public static UpstreamHealth good(Duration patience) {
    return new UpstreamHealth(true, patience, SLOW, 1);
  }

  /** It failed so, and may be asked by way of trial, or not even that. */
  public static UpstreamHealth bad(boolean mayAsk, UpstreamOutcome outcome) {
    return new UpstreamHealth(mayAsk, Duration.ZERO, outcome.label(), 1);
  }

  /** The same for those who have a reason of their own not to wait. */
  public UpstreamHealth impatient(String reason) {
    return new UpstreamHealth(
        mayAsk, Duration.ZERO, patience.isZero() || !mayAsk ? trouble : reason, stretch);
  }

  /** The same with another stretch. */
  public UpstreamHealth stretched(double factor) {
    return factor == stretch ? this : new UpstreamHealth(mayAsk, patience, trouble, factor);
  }
}
