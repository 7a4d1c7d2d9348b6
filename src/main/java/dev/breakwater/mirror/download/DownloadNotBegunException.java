package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import java.io.Serial;

/** A download was not begun, for a reason of this mirror's own. */
public final class DownloadNotBegunException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  DownloadNotBegunException(Digest digest, String why) {
    super("the download of " + digest + " was not begun: " + why, null, false, false);
  }
}
