package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import java.io.Serial;

/** The cache's disk refused a blob. */
final class DiskFailureException extends DownloadException {
  @Serial private static final long serialVersionUID = 1L;

  private final String why;

  DiskFailureException(Digest digest, String why) {
    super(Reason.DISK_FAILED, "the cache's disk refused " + digest + ": " + why, null);
    this.why = why;
  }

  DiskFailureException(Digest digest, Exception cause) {
    String reason = DiskReason.of(cause);
    super(Reason.DISK_FAILED, "the cache's disk refused " + digest + ": " + reason, cause);
    this.why = reason;
  }

  /** The reason alone. */
  String why() {
    return why;
  }
}
