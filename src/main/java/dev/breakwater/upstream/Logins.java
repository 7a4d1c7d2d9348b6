package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Gives attempts the login of their account. */
record Logins(Vertx vertx, Map<Endpoint, QuotaGovernor> governors) {
  /**
   * The attempt with its account's login, which is waited for as long as the attempt lasts; fails
   * with {@link UpstreamOutcome#LOGIN}, or as the registry's refusal of the only login there is. On
   * the current context.
   */
  Future<Attempt> begin(Attempt attempt) {
    Future<Optional<Credentials>> login = attempt.account().login();
    return (login.isComplete()
            ? login
            : attempt
                .deadline()
                .limit(vertx, login, () -> new CredentialException("it did not come in time")))
        .map(attempt::with)
        .recover(failure -> Future.failedFuture(without(attempt, failure)));
  }

  private UpstreamException without(Attempt attempt, Throwable failure) {
    QuotaGovernor governor =
        Objects.requireNonNull(
            governors.get(attempt.endpoint()), "an endpoint of another registry");
    String why = String.valueOf(failure.getMessage());
    if (failure instanceof CredentialException known && known.isRefused()) {
      governor.suspend(attempt.account(), Quota.SUSPENSION, "was refused", why);
      return attempt.finalFailure(
          UpstreamOutcome.UNAUTHORIZED, "its login was refused: " + why, null);
    }
    governor.suspend(attempt.account(), Quota.WITHOUT_LOGIN, "cannot be obtained", why);
    return attempt.withoutLogin(why);
  }

  /** Whether the account may have another login by now than the one that was refused. */
  static boolean mayRenew(Attempt attempt, UpstreamException failure) {
    return (failure.outcome().isNo() || failure.hop() == Hop.TOKEN)
        && failure.prospect() == UpstreamException.Prospect.FINAL
        && !attempt.call().deadline().isOver()
        && attempt
            .credentials()
            .filter(used -> attempt.account().source().isOutdated(used))
            .isPresent();
  }
}
