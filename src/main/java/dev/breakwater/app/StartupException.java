package dev.breakwater.app;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Breakwater cannot start. The message is one line that names the thing and the remedy. */
public final class StartupException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Without a cause that a trace would show. */
  public StartupException(String message) {
    this(message, null);
  }

  /** With what made it impossible. */
  public StartupException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
