package dev.breakwater.upstream;

import dev.breakwater.oci.FailureCause;
import dev.breakwater.upstream.UpstreamException.Prospect;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One try of a call at one endpoint.
 *
 * @param call what is tried
 * @param endpoint where
 * @param account the identity used there
 * @param credentials what proves that identity; empty for anonymous
 * @param peer the host that messages name
 * @param deadline when this try is given up
 * @param round how often the endpoint was tried before; picks another of its addresses
 * @param hop who is being asked
 */
record Attempt(
    Call call,
    Endpoint endpoint,
    Account account,
    Optional<Credentials> credentials,
    String peer,
    Deadline deadline,
    int round,
    Hop hop) {
  /** The same with the account's login. */
  Attempt with(Optional<Credentials> login) {
    return new Attempt(call, endpoint, account, login, peer, deadline, round, hop);
  }

  /** The same with less time. */
  Attempt within(Duration time) {
    return new Attempt(
        call, endpoint, account, credentials, peer, deadline.atMost(time), round, hop);
  }

  /** The same where another host is asked. */
  Attempt at(Hop asked) {
    return asked == hop
        ? this
        : new Attempt(call, endpoint, account, credentials, peer, deadline, round, asked);
  }

  /** A failure with its subject. */
  UpstreamException failure(UpstreamOutcome outcome, String reason) {
    return failure(outcome, reason, null);
  }

  /** A failure with its subject and cause. */
  UpstreamException failure(UpstreamOutcome outcome, String reason, @Nullable Throwable cause) {
    return new UpstreamException(outcome, message(reason), 0, null, cause, prospect(outcome), hop);
  }

  /** A failure that asking again does not mend: a limit or a rule of ours. */
  UpstreamException finalFailure(
      UpstreamOutcome outcome, String reason, @Nullable Throwable cause) {
    return new UpstreamException(outcome, message(reason), 0, null, cause, Prospect.FINAL, hop);
  }

  /** A failure of an attempt whose account has no login at the moment. */
  UpstreamException withoutLogin(String why) {
    return new UpstreamException(
        UpstreamOutcome.LOGIN,
        message("its login cannot be obtained: " + why),
        0,
        Quota.WITHOUT_LOGIN,
        null,
        Prospect.FINAL,
        hop);
  }

  /** An answer that a rule or a limit of ours does not accept. */
  UpstreamException refusal(String reason) {
    return finalFailure(UpstreamOutcome.INVALID, reason, null);
  }

  /** A failure that upstream stated by a status. */
  UpstreamException stated(
      UpstreamOutcome outcome,
      int status,
      String reason,
      @Nullable Duration retryAfter,
      Prospect prospect) {
    return new UpstreamException(outcome, message(reason), status, retryAfter, null, prospect, hop);
  }

  /** The failure of an attempt that is not made, because it would end so. */
  UpstreamException unasked(
      UpstreamOutcome outcome, FailureCause known, String reason, Duration retryAfter) {
    return new UpstreamException(
            outcome, message(reason), 0, retryAfter, null, Prospect.NOT_ASKED, hop)
        .because(known);
  }

  private static Prospect prospect(UpstreamOutcome outcome) {
    return switch (outcome) {
      case CONNECT, TIMEOUT, INVALID, DIGEST_MISMATCH, SERVER_ERROR, RATE_LIMITED ->
          Prospect.PASSING;
      default -> Prospect.FINAL;
    };
  }

  private String message(String reason) {
    return call.subject() + " from " + peer + ": " + reason;
  }
}
