package dev.breakwater.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

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

  private Account(Optional<Credentials> credentials, LongSupplier clock) {
    this.credentials = credentials;
    this.quota = new Quota(clock);
    this.throttle = new Throttle(clock);
  }

  /** One with a login; {@code clock} is monotonic nanoseconds. */
  static Account of(Credentials credentials, LongSupplier clock) {
    return new Account(Optional.of(credentials), clock);
  }

  /** One without; {@code clock} is monotonic nanoseconds. */
  static Account anonymous(LongSupplier clock) {
    return new Account(Optional.empty(), clock);
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
  UpstreamReport.Account report() {
    return new UpstreamReport.Account(
        name(),
        quota.current().map(reading -> report(reading, quota.secondsLeft())),
        quota.exhaustedFor(),
        throttle.paused(MOST_PAUSES),
        quota.isSuspended());
  }

  private static UpstreamReport.Pulls report(Quota.Reading reading, double secondsLeft) {
    return new UpstreamReport.Pulls(
        reading.limit(),
        reading.remaining(),
        reading.window(),
        reading.source(),
        Optional.of(secondsLeft).filter(Double::isFinite).map(Math::round));
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
