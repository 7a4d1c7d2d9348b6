package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import java.io.Serial;

/** The download that was to be joined has just ended; the caller looks again. */
public final class DownloadEndedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  DownloadEndedException(Digest digest) {
    super("the download of " + digest + " has just ended", null, false, false);
  }
}
