package dev.breakwater.config;

import java.io.Serial;

/**
 * A configuration that cannot be used. Its message is one line that names the place (file and line,
 * environment variable or flag), the thing that is wrong and the remedy; it never holds a secret.
 */
public final class ConfigException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** A failure without a deeper cause. */
  public ConfigException(String message) {
    super(message);
  }

  ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
