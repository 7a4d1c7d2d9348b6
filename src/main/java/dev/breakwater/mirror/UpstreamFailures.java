package dev.breakwater.mirror;

import dev.breakwater.mirror.download.DownloadException;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * What a client is told when upstream did not deliver. The code decides what the client does next
 * (docs/findings.md#failing-answers); the message is printed on the user's terminal when every host
 * has failed.
 */
final class UpstreamFailures {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);
  private static final String TOO_LATE =
      " is on its way but takes longer than a client waits; ask again";

  private UpstreamFailures() {}

  /**
   * For manifests and referrers: what is missing or private is 404, so that the client goes on to
   * the real registry with its own credentials; an upstream that is unavailable is 503.
   */
  static RegistryException ofManifest(String subject, Throwable failure) {
    return of(ErrorCode.MANIFEST_UNKNOWN, subject, failure);
  }

  /** For what concerns a whole repository, such as its tag list. */
  static RegistryException ofRepository(String subject, Throwable failure) {
    return of(ErrorCode.NAME_UNKNOWN, subject, failure);
  }

  private static RegistryException of(ErrorCode absent, String subject, Throwable failure) {
    if (failure instanceof RegistryException known) {
      return known;
    }
    if (failure instanceof UpstreamException upstream) {
      return upstream.outcome().isUnavailable()
          ? unavailable(subject, upstream)
          : refused(absent, subject, upstream);
    }
    if (failure instanceof TimeoutException) {
      return new RegistryException(
          ErrorCode.UNAVAILABLE, causeOf(failure), subject + TOO_LATE, RETRY_AFTER, failure);
    }
    return internal(subject, failure);
  }

  /**
   * For blobs: 404 whatever the cause, because dockerd repeats a blob's 5xx for 50 seconds before
   * it turns to the next registry, and leaves at once on 404.
   */
  static RegistryException ofBlob(String subject, Throwable failure) {
    if (failure instanceof RegistryException known) {
      return known;
    }
    if (failure instanceof TimeoutException) {
      return new RegistryException(
          ErrorCode.BLOB_UNKNOWN, causeOf(failure), subject + TOO_LATE, null, failure);
    }
    if (failure instanceof UpstreamException || failure instanceof DownloadException) {
      return refused(ErrorCode.BLOB_UNKNOWN, subject, failure);
    }
    return internal(subject, failure);
  }

  /**
   * For what is only served if anonymous users get it upstream, while that is not known.
   *
   * @param absent the code of what is not there
   */
  static RegistryException ofVisibility(ErrorCode absent, String subject, Throwable failure) {
    if (failure instanceof RegistryException known) {
      return known;
    }
    if (!(failure instanceof UpstreamException) && !(failure instanceof TimeoutException)) {
      return internal(subject, failure);
    }
    boolean isBlob = absent == ErrorCode.BLOB_UNKNOWN;
    Optional<Duration> wait =
        failure instanceof UpstreamException upstream ? upstream.retryAfter() : Optional.empty();
    return new RegistryException(
        isBlob ? absent : ErrorCode.UNAVAILABLE,
        causeOf(failure),
        subject
            + " is not served, because upstream does not say whether anonymous users may read it: "
            + (failure instanceof TimeoutException ? "it takes too long" : failure.getMessage()),
        isBlob ? null : wait.orElse(RETRY_AFTER),
        failure);
  }

  /** Why upstream could not answer, in one word; empty if it did answer, or if it was not that. */
  static Optional<String> unavailability(Throwable failure) {
    return failure instanceof UpstreamException upstream && upstream.outcome().isUnavailable()
        ? Optional.of(upstream.outcome().label())
        : Optional.empty();
  }

  /** Whether upstream said that there is no such thing, and not that it is not for us. */
  static boolean isAbsence(Throwable failure) {
    return failure instanceof UpstreamException upstream
        && upstream.outcome() == UpstreamOutcome.NOT_FOUND;
  }

  /** Whether upstream definitely said no: not there, or not for us. */
  static boolean isRefusal(Throwable failure) {
    return failure instanceof UpstreamException upstream
        && switch (upstream.outcome()) {
          case NOT_FOUND, UNAUTHORIZED, DENIED -> true;
          default -> false;
        };
  }

  private static RegistryException unavailable(String subject, UpstreamException cause) {
    return new RegistryException(
        ErrorCode.UNAVAILABLE,
        cause.failureCause(),
        subject + " is not cached and upstream is unavailable: " + cause.getMessage(),
        cause.retryAfter().orElse(RETRY_AFTER),
        cause);
  }

  private static RegistryException refused(ErrorCode code, String subject, Throwable cause) {
    return new RegistryException(
        code, causeOf(cause), subject + " is not available: " + cause.getMessage(), null, cause);
  }

  private static FailureCause causeOf(Throwable failure) {
    return switch (failure) {
      case UpstreamException upstream -> upstream.failureCause();
      case TimeoutException late -> FailureCause.TIMEOUT;
      case DownloadException download ->
          switch (download.reason()) {
            case DISK_FAILED -> FailureCause.DISK;
            case NOT_BEGUN -> FailureCause.OVERLOAD;
            case ENDED -> FailureCause.DOWNLOAD_STOPPED;
            case NOT_PERMITTED -> FailureCause.INTERNAL;
          };
      default -> FailureCause.INTERNAL;
    };
  }

  private static RegistryException internal(String subject, Throwable failure) {
    return new RegistryException(ErrorCode.UNKNOWN, subject + " failed", failure);
  }
}
