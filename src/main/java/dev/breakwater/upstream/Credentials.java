package dev.breakwater.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What an account logs in with. It is bound to the registry it was configured for: it goes to that
 * origin and to the token servers allowed for it, and nowhere else (CVE-2026-33540).
 *
 * @param username the account's name
 * @param secret password or access token; never logged
 */
public record Credentials(String username, String secret) {
  /** Checks that they can be sent: RFC 7617 forbids a colon in the name. */
  public Credentials {
    if (username.isEmpty() || username.indexOf(':') >= 0) {
      throw new IllegalArgumentException("a user name must not be empty or contain ':'");
    }
    if ((username + secret).chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("user name and secret must not have control characters");
    }
  }

  /** The encoded part of a {@code Basic} authorization. */
  String encoded() {
    return Base64.getEncoder()
        .encodeToString((username + ':' + secret).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "Credentials[redacted]";
  }
}
