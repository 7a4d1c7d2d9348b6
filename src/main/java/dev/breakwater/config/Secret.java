package dev.breakwater.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A password or token that is shown only to code that asks for it by name. */
public final class Secret {
  /** What stands in for a secret wherever values are shown. */
  static final String REDACTED = "(redacted)";

  private final String value;

  /** Wraps a secret, which must not be empty or the text that stands in for one. */
  public Secret(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("a secret must not be empty");
    }
    if (value.equals(REDACTED)) {
      throw new IllegalArgumentException(
          REDACTED
              + " stands in for a secret where a configuration is printed; write the secret"
              + " itself, or better name a file with passwordFile");
    }
    this.value = value;
  }

  /** The secret itself: for the request that needs it, never for a message. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes(), secret.bytes());
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return REDACTED;
  }

  private byte[] bytes() {
    return value.getBytes(StandardCharsets.UTF_8);
  }
}
