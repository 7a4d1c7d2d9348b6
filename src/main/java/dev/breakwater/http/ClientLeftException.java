package dev.breakwater.http;

import java.io.Serial;

/**
 * The client is gone, or takes no more bytes. Everyday business (containerd closes connections
 * early on purpose), so it is no error and has no stack trace.
 */
final class ClientLeftException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ClientLeftException(String why) {
    super(why, null, false, false);
  }
}
