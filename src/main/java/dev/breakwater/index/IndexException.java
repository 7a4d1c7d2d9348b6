package dev.breakwater.index;

/**
 * The index could not be opened, written or scanned; the message names the thing and the remedy.
 */
public final class IndexException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IndexException(String message) {
    super(message);
  }

  IndexException(String message, Throwable cause) {
    super(message, cause);
  }
}
