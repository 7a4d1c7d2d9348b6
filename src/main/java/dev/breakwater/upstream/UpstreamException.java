package dev.breakwater.upstream;

import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.Seconds;
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

  /** What the client needs to decide whether to ask again. */
  enum Prospect {
    /** The same request may be answered well in a moment. */
    PASSING,
    /** One more request may be answered well, such as with another signed URL. */
    ONCE_MORE,
    /** The same request would fail again. */
    FINAL,
    /** Nothing was sent, because it would have failed so. */
    NOT_ASKED
  }

  private final UpstreamOutcome outcome;
  private final int status;
  private final @Nullable Duration retryAfter;
  private final Prospect prospect;
  private final Hop hop;
  private final FailureCause failureCause;

  /** A failure by outcome, which asking again does not mend. */
  public UpstreamException(UpstreamOutcome outcome, String message, @Nullable Throwable cause) {
    this(outcome, message, 0, null, cause);
  }

  /** A failure that upstream stated itself, which asking again does not mend. */
  public UpstreamException(
      UpstreamOutcome outcome,
      String message,
      int status,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    this(outcome, message, status, retryAfter, cause, Prospect.FINAL, Hop.REGISTRY);
  }

  UpstreamException(
      UpstreamOutcome outcome,
      String message,
      int status,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause,
      Prospect prospect,
      Hop hop) {
    this(outcome, message, status, retryAfter, cause, prospect, hop, outcome.failureCause());
  }

  private UpstreamException(
      UpstreamOutcome outcome,
      String message,
      int status,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause,
      Prospect prospect,
      Hop hop,
      FailureCause failureCause) {
    super(message, cause, false, cause != null);
    this.outcome = outcome;
    this.status = status;
    this.retryAfter = retryAfter;
    this.prospect = prospect;
    this.hop = hop;
    this.failureCause = failureCause;
  }

  /** The same, of which more is known than its outcome says. */
  public UpstreamException because(FailureCause known) {
    return new UpstreamException(
        outcome,
        String.valueOf(getMessage()),
        status,
        retryAfter,
        getCause(),
        prospect,
        hop,
        known);
  }

  /** The same of a call that is not made again for so long. */
  UpstreamException pausedFor(Duration pause) {
    return new UpstreamException(
        outcome,
        getMessage() + "; it is asked again in " + Seconds.roundedUp(pause) + " s",
        status,
        pause,
        getCause(),
        prospect,
        hop,
        failureCause);
  }

  /** Why the request failed, for the client and the log. */
  public FailureCause failureCause() {
    return failureCause;
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
    return prospect != Prospect.NOT_ASKED;
  }

  /** Whether asking again is of use. */
  Prospect prospect() {
    return prospect;
  }

  /** The same, told of another hop. */
  UpstreamException at(Hop other) {
    return new UpstreamException(
        outcome,
        String.valueOf(getMessage()),
        status,
        retryAfter,
        getCause(),
        prospect,
        other,
        failureCause);
  }

  /** Who failed. */
  Hop hop() {
    return hop;
  }

  /** How long upstream asked us to wait, or how long it will not be asked. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
