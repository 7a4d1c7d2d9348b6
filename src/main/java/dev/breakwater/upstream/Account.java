package dev.breakwater.upstream;

import dev.breakwater.admin.api.UpstreamInfo.AccountInfo;
import dev.breakwater.oci.Seconds;
import io.vertx.core.Future;
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

  private final CredentialSource source;
  private final Quota quota;
  private final Throttle throttle;
  private volatile @Nullable String problem;

  /**
   * Nothing is known of its pulls yet.
   *
   * @param source what logs it in
   * @param clock monotonic nanoseconds
   */
  Account(CredentialSource source, LongSupplier clock) {
    this.source = source;
    this.quota = new Quota(clock);
    this.throttle = new Throttle(clock);
  }

  /** Having no account. */
  static Account anonymous(LongSupplier clock) {
    return new Account(CredentialSource.NONE, clock);
  }

  /** What logs it in. */
  CredentialSource source() {
    return source;
  }

  /** The login to use now; on the caller's context. Remembers why there is none. */
  Future<Optional<Credentials>> login() {
    return source
        .get()
        .onSuccess(login -> problem = null)
        .onFailure(
            failure ->
                problem =
                    failure instanceof CredentialException known && known.isRefused()
                        ? null
                        : String.valueOf(failure.getMessage()));
  }

  /** Why its login could not be obtained when it was needed last; empty if it was. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
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
    return source.name();
  }

  @Override
  public String toString() {
    return name();
  }
}
