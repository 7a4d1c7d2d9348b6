package dev.breakwater.http;

import dev.breakwater.oci.FailureCause;
import java.io.Serial;

/**
 * The client is gone, or takes no more bytes. Everyday business (containerd closes connections
 * early on purpose), so it is no error and has no stack trace.
 */
final class ClientLeftException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final FailureCause failureCause;

  ClientLeftException(String why) {
    this(FailureCause.CLIENT_LEFT, why);
  }

  private ClientLeftException(FailureCause failureCause, String why) {
    super(why, null, false, false);
    this.failureCause = failureCause;
  }

  /** It was cut off, because it held up too much for too long. */
  static ClientLeftException tooSlow() {
    return new ClientLeftException(FailureCause.CLIENT_SLOW, "too slow");
  }

  /** Whose doing it was. */
  FailureCause failureCause() {
    return failureCause;
  }
}
