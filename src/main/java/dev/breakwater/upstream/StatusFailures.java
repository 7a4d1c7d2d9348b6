package dev.breakwater.upstream;

import dev.breakwater.upstream.UpstreamException.Prospect;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns an answer with another status than hoped for into a failure that says what it said. */
record StatusFailures(BodyReader bodies, InstantSource wall) {

  /** Reads the error body, if there is one, and fails. */
  <T> Future<T> fail(Answer answer) {
    return read(answer).compose(Future::failedFuture);
  }

  /** The failure that the answer is, once its body is read; an unreadable one changes nothing. */
  Future<UpstreamException> read(Answer answer) {
    return bodies
        .read(answer, BodyReader.MAX_ASIDE, body -> OciErrors.describe(body, secrets(answer)))
        .otherwise("")
        .map(said -> failure(answer, said));
  }

  /** How long the answer asks us to wait, if it does. */
  Optional<Duration> retryAfter(Answer answer) {
    return answer.header("Retry-After").flatMap(text -> RetryAfter.parse(text, wall.instant()));
  }

  private UpstreamException failure(Answer answer, String said) {
    int status = answer.status();
    String reason = "answered " + status + said + answer.source();
    return answer
        .attempt()
        .stated(
            outcome(status, answer.foreign()),
            status,
            reason,
            retryAfter(answer).orElse(null),
            prospect(status, answer.foreign()));
  }

  /** A CDN's 401 or 403 is an expired signature or the like; it says nothing about permissions. */
  private static UpstreamOutcome outcome(int status, boolean foreign) {
    return switch (status) {
      case 401 -> foreign ? UpstreamOutcome.REFUSED : UpstreamOutcome.UNAUTHORIZED;
      case 403 -> foreign ? UpstreamOutcome.REFUSED : UpstreamOutcome.DENIED;
      case 404 -> UpstreamOutcome.NOT_FOUND;
      case 429 -> UpstreamOutcome.RATE_LIMITED;
      default ->
          switch (status / 100) {
            case 4 -> UpstreamOutcome.REFUSED;
            case 5 -> UpstreamOutcome.SERVER_ERROR;
            default -> UpstreamOutcome.INVALID;
          };
    };
  }

  /**
   * What passes: overload, time-outs and limits at any hop. A content network's 4xx may be about
   * the signed URL, of which another request to the registry gets a new one.
   */
  private static Prospect prospect(int status, boolean foreign) {
    return switch (status) {
      case 408, 425, 429 -> Prospect.PASSING;
      case 501, 505, 511 -> Prospect.FINAL;
      case 404, 416 -> Prospect.FINAL;
      default ->
          status >= 500 || status < 400
              ? Prospect.PASSING
              : foreign && status >= 400 ? Prospect.ONCE_MORE : Prospect.FINAL;
    };
  }

  private static List<String> secrets(Answer answer) {
    List<String> secrets = new ArrayList<>();
    answer.sent().map(Authorization::secret).ifPresent(secrets::add);
    answer
        .attempt()
        .credentials()
        .ifPresent(
            credentials -> {
              secrets.add(credentials.encoded());
              secrets.add(credentials.secret());
            });
    return secrets;
  }
}
