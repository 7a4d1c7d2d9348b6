package dev.breakwater.upstream;

import dev.breakwater.admin.api.UpstreamInfo.AccountInfo;
import dev.breakwater.oci.Seconds;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who we are to a registry, and what is known of the pulls that are left to it. Equal to nothing
 * but itself.
 */
final class Account {
  /** The name of having no account. */
  static final String ANONYMOUS = "anonymous";

  /** How many of its pauses are reported. */
  private static final int MOST_PAUSES = 20;

  private final Optional<Credentials> credentials;
  private final Quota quota;
  private final Throttle throttle;

  /**
   * Nothing is known of its pulls yet.
   *
   * @param credentials what logs it in; empty for anonymous
   * @param clock monotonic nanoseconds
   */
  Account(Optional<Credentials> credentials, LongSupplier clock) {
    this.credentials = credentials;
    this.quota = new Quota(clock);
    this.throttle = new Throttle(clock);
  }

  /** What logs it in; empty for anonymous. */
  Optional<Credentials> credentials() {
    return credentials;
  }

  Quota quota() {
    return quota;
  }

  Throttle throttle() {
    return throttle;
  }

  /** For how long it must not be used for that call; zero if it may be. */
  Duration pausedFor(Call call) {
    Duration throttled = throttle.pausedFor(call.kind(), call.repository());
    Duration exhausted = call.counted() ? quota.exhaustedFor() : Duration.ZERO;
    return exhausted.compareTo(throttled) > 0 ? exhausted : throttled;
  }

  /** What is known of it, for people; no secrets. */
  AccountInfo report() {
    Quota.@Nullable Reading said = quota.current().orElse(null);
    double secondsLeft = quota.secondsLeft();
    return new AccountInfo(
        name(),
        said == null ? null : said.limit(),
        said == null ? null : said.remaining(),
        said == null ? null : said.window().toSeconds(),
        said == null ? null : said.source(),
        said == null || !Double.isFinite(secondsLeft) ? null : Math.round(secondsLeft),
        Seconds.roundedUp(quota.exhaustedFor()),
        throttle.paused(MOST_PAUSES),
        quota.isSuspended());
  }

  /** The configured name, a metric label; never a secret. */
  String name() {
    return credentials.map(Credentials::username).orElse(ANONYMOUS);
  }

  @Override
  public String toString() {
    return name();
  }
}
