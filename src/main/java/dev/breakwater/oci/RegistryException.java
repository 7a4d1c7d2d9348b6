package dev.breakwater.oci;

import java.io.Serial;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failure in the words of the distribution API. Its message reaches the user's terminal (dockerd
 * and containerd print the mirror's message when every host failed), so it names the subject and
 * what to do, and never holds a secret or a signed URL.
 */
public class RegistryException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable Duration retryAfter;
  private final FailureCause failureCause;

  /** A failure without a deeper cause. */
  public RegistryException(ErrorCode code, String message) {
    this(code, message, null, null);
  }

  /** A failure that wraps another; the cause is logged, never sent. */
  public RegistryException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, null, cause);
  }

  /** A failure after which a client should wait, sent as {@code Retry-After}. */
  public RegistryException(
      ErrorCode code, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    this(code, FailureCause.of(code), message, retryAfter, cause);
  }

  /** A failure of which more is known than the code says. */
  public RegistryException(
      ErrorCode code,
      FailureCause failureCause,
      String message,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    // Bad requests are everyday business: without a cause the stack says nothing worth its cost.
    super(message, cause, false, cause != null);
    this.code = code;
    this.retryAfter = retryAfter;
    this.failureCause = failureCause;
  }

  /** Why it failed, in one word of a closed set. */
  public FailureCause failureCause() {
    return failureCause;
  }

  /** The code that decides status and body. */
  public ErrorCode code() {
    return code;
  }

  /** How long the client should wait before it asks again, if that is known. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
