package dev.breakwater.upstream;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a registry stands, for operators; no secrets.
 *
 * @param breakers the state of each, in lower-case words
 * @param accounts what is known of each account
 * @param tagTtlStretch what the time to live of its tags is multiplied by
 */
public record UpstreamReport(
    Map<ContentKind, String> breakers, List<Account> accounts, double tagTtlStretch) {
  /**
   * An account.
   *
   * @param name its name
   * @param pulls what the registry said last; empty if nothing that still counts
   * @param paused how long it is not used for pulls; zero if it is
   * @param throttled what else is not asked after a 429, the longest pause first
   * @param suspended whether its credentials were refused
   */
  public record Account(
      String name,
      Optional<Pulls> pulls,
      Duration paused,
      List<Pause> throttled,
      boolean suspended) {}

  /**
   * What is not asked for some time after a 429.
   *
   * @param kind of content
   * @param repository of which it is; empty for all
   * @param time how long
   */
  public record Pause(ContentKind kind, Optional<RepositoryName> repository, Duration time) {}

  /**
   * The pulls of an account.
   *
   * @param limit how many it has in a window
   * @param remaining how many are left
   * @param window how long it is
   * @param countedFor whom the registry counts for: an address, or an account's id
   * @param exhaustedInSeconds when none is left at the present pace; empty if never
   */
  public record Pulls(
      long limit,
      long remaining,
      Duration window,
      String countedFor,
      Optional<Long> exhaustedInSeconds) {}

  /** The state of the breaker for that kind of request, which must have one. */
  public String breaker(ContentKind kind) {
    return Objects.requireNonNull(breakers.get(kind));
  }
}
