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
  private final CacheResult cacheResult;

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
    this(code, message, retryAfter, CacheResult.ERROR, cause);
  }

  private RegistryException(
      ErrorCode code,
      String message,
      @Nullable Duration retryAfter,
      CacheResult cacheResult,
      @Nullable Throwable cause) {
    // Bad requests are everyday business: without a cause the stack says nothing worth its cost.
    super(message, cause, false, cause != null);
    this.code = code;
    this.retryAfter = retryAfter;
    this.cacheResult = cacheResult;
  }

  /**
   * The answer that upstream gave or once gave: there is no such thing, or not for us. That is no
   * failure of the mirror, so it is counted as {@link CacheResult#NEGATIVE}.
   */
  public static RegistryException absent(
      ErrorCode code, String message, @Nullable Throwable cause) {
    return new RegistryException(code, message, null, CacheResult.NEGATIVE, cause);
  }

  /** How the answer came about, for log and metrics. */
  public CacheResult cacheResult() {
    return cacheResult;
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
