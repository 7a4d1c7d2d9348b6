package dev.breakwater.config;

import java.io.Serial;
import java.util.List;

/**
 * A configuration that cannot be used. Its message has one line for each error, which names the
 * place (file and line, environment variable or flag), the thing that is wrong and the remedy; it
 * never holds a secret.
 */
public final class ConfigException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** A failure without a deeper cause. */
  public ConfigException(String message) {
    super(message);
  }

  /** A failure that another one explains. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }

  ConfigException(List<String> problems) {
    super(String.join("\n", problems));
  }

  /** The errors, each one line; at least one. */
  public List<String> problems() {
    return String.valueOf(getMessage()).lines().toList();
  }
}
