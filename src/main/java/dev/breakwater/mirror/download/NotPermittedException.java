package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import java.io.Serial;

/**
 * The blob is on its way for another client; whether the caller may read it too, its own upstream
 * has to say first.
 */
public final class NotPermittedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Of this blob. */
  public NotPermittedException(Digest digest) {
    super("whether " + digest + " may be read here is not known yet", null, false, false);
  }
}
