package dev.breakwater.upstream;

import java.io.Serial;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to upstream that failed. The message names what was asked of whom and what came of it,
 * without query strings, tokens or other secrets.
 */
public final class UpstreamException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final UpstreamOutcome outcome;
  private final int status;
  private final @Nullable Duration retryAfter;
  private final boolean asked;

  /** A failure by outcome. */
  public UpstreamException(UpstreamOutcome outcome, String message, @Nullable Throwable cause) {
    this(outcome, message, 0, null, cause);
  }

  /** A failure that upstream stated itself. */
  public UpstreamException(
      UpstreamOutcome outcome,
      String message,
      int status,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    this(outcome, message, status, retryAfter, cause, true);
  }

  private UpstreamException(
      UpstreamOutcome outcome,
      String message,
      int status,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause,
      boolean asked) {
    super(message, cause, false, cause != null);
    this.outcome = outcome;
    this.status = status;
    this.retryAfter = retryAfter;
    this.asked = asked;
  }

  /** The failure of a request that was not sent, because it would have ended so. */
  static UpstreamException unasked(UpstreamOutcome outcome, String message, Duration retryAfter) {
    return new UpstreamException(outcome, message, 0, retryAfter, null, false);
  }

  /** What happened. */
  public UpstreamOutcome outcome() {
    return outcome;
  }

  /** The HTTP status upstream gave, or 0 if there was none. */
  public int status() {
    return status;
  }

  /** Whether upstream was asked at all. */
  boolean wasAsked() {
    return asked;
  }

  /** How long upstream asked us to wait, or how long it will not be asked. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
