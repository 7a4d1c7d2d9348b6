package dev.breakwater.upstream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One try of a call at one endpoint.
 *
 * @param call what is tried
 * @param endpoint where
 * @param account who we are there
 * @param peer whom messages name
 * @param deadline when this try is given up
 * @param round how often the endpoint was tried before; picks another of its addresses
 */
record Attempt(
    Call call, Endpoint endpoint, Account account, String peer, Deadline deadline, int round) {
  /** The same with less time. */
  Attempt within(Duration time) {
    return new Attempt(call, endpoint, account, peer, deadline.atMost(time), round);
  }

  /** A failure with its subject. */
  UpstreamException failure(UpstreamOutcome outcome, String reason) {
    return failure(outcome, reason, null);
  }

  /** A failure with its subject and cause. */
  UpstreamException failure(UpstreamOutcome outcome, String reason, @Nullable Throwable cause) {
    return new UpstreamException(outcome, message(reason), cause);
  }

  /** A failure that upstream stated by a status. */
  UpstreamException stated(
      UpstreamOutcome outcome, int status, String reason, @Nullable Duration retryAfter) {
    return new UpstreamException(outcome, message(reason), status, retryAfter, null);
  }

  /** The failure of an attempt that is not made, because it would end so. */
  UpstreamException unasked(UpstreamOutcome outcome, String reason, Duration retryAfter) {
    return UpstreamException.unasked(outcome, message(reason), retryAfter);
  }

  private String message(String reason) {
    return call.subject() + " from " + peer + ": " + reason;
  }
}
