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
 */
public record Outlook(boolean mayAsk, Duration patience, String trouble) {
  private static final String SLOW = "slow";

  /** Nothing known against it. */
  public static Outlook good(Duration patience) {
    return new Outlook(true, patience, SLOW);
  }

  /** It failed so, and may be asked by way of trial, or not even that. */
  public static Outlook bad(boolean mayAsk, UpstreamOutcome outcome) {
    return new Outlook(mayAsk, Duration.ZERO, outcome.label());
  }
}
