package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A download does not bring its blob, for a reason of this mirror's own. */
public sealed class DownloadException extends RuntimeException permits DiskFailureException {
  @Serial private static final long serialVersionUID = 1L;

  /** Why not. */
  public enum Reason {
    /** The cache's disk refused the blob: full, read-only or broken. */
    DISK_FAILED,
    /** The download that was to be joined has just ended: the caller looks again. */
    ENDED,
    /** Too many downloads are under way, or the server stops. */
    NOT_BEGUN,
    /**
     * The blob is on its way for another client; whether the caller may read it too, its own
     * upstream has to say first.
     */
    NOT_PERMITTED
  }

  private final Reason reason;

  DownloadException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause, false, cause != null);
    this.reason = reason;
  }

  static DownloadException ended(Digest digest) {
    return new DownloadException(
        Reason.ENDED, "the download of " + digest + " has just ended", null);
  }

  static DownloadException notBegun(Digest digest, String why) {
    return new DownloadException(
        Reason.NOT_BEGUN, "the download of " + digest + " was not begun: " + why, null);
  }

  static DownloadException notPermitted(Digest digest) {
    return new DownloadException(
        Reason.NOT_PERMITTED, "whether " + digest + " may be read here is not known yet", null);
  }

  /** Why the blob does not come. */
  public Reason reason() {
    return reason;
  }

  /** Whether this failure is a download's, for that reason. */
  public static boolean isBecause(Throwable failure, Reason reason) {
    return failure instanceof DownloadException known && known.reason == reason;
  }
}
