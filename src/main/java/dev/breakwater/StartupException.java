package dev.breakwater;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Breakwater cannot start. The message is one line that names the thing and the remedy. */
final class StartupException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  StartupException(String message) {
    this(message, null);
  }

  StartupException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
