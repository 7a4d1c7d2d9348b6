package dev.breakwater.admin.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an upstream stands; no secrets.
 *
 * @param name its zone
 * @param offline whether it is not asked
 * @param breakers its circuit breakers
 * @param accounts what is known of each account
 * @param tagTtlStretch what the time to live of tags is multiplied by, to spare pulls
 */
public record UpstreamInfo(
    String name,
    boolean offline,
    BreakerInfo breakers,
    List<AccountInfo> accounts,
    double tagTtlStretch) {
  /** Each {@code closed}, {@code half-open} or {@code open}, by what is asked for. */
  public record BreakerInfo(String manifest, String blob, String tags, String referrers) {}

  /**
   * An account. What the registry has not said is absent.
   *
   * @param account its name
   * @param limit how many pulls it has in a window
   * @param remaining how many are left
   * @param windowSeconds how long the window is
   * @param countedFor whom the registry counts for: an address, or an account's id
   * @param exhaustedInSeconds when none will be left at the present pace; absent if never
   * @param pausedSeconds how long it will not be used for pulls; 0 if it is used
   * @param throttled what else is not asked after a 429; absent if nothing
   * @param suspended whether its credentials were refused
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record AccountInfo(
      String account,
      @Nullable Long limit,
      @Nullable Long remaining,
      @Nullable Long windowSeconds,
      @Nullable String countedFor,
      @Nullable Long exhaustedInSeconds,
      long pausedSeconds,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ThrottleInfo> throttled,
      boolean suspended) {}

  /**
   * What is not asked for some time.
   *
   * @param kind of content
   * @param repository of which it is; absent for all
   * @param seconds how long
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ThrottleInfo(String kind, @Nullable String repository, long seconds) {}
}
