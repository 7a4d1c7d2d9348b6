package dev.breakwater.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * What an account logs in with. It is bound to the registry it was configured for: it goes to that
 * origin and to the token servers allowed for it, and nowhere else (CVE-2026-33540).
 *
 * @param username the account's name; {@link #IDENTITY_TOKEN} if the secret is an identity token
 * @param secret password, access token or identity token; never logged
 */
public record Credentials(String username, String secret) {
  /** What credential helpers write in place of a name when the secret is an identity token. */
  static final String IDENTITY_TOKEN = "<token>";

  /** Checks that they can be sent: RFC 7617 forbids a colon in the name. */
  public Credentials {
    if (username.isEmpty() || username.indexOf(':') >= 0) {
      throw new IllegalArgumentException("a user name must not be empty or contain ':'");
    }
    if ((username + secret).chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("user name and secret must not have control characters");
    }
  }

  /** What a token server takes in exchange for a token by OAuth 2, in place of a password. */
  static Credentials identityToken(String token) {
    return new Credentials(IDENTITY_TOKEN, token);
  }

  /** Whether the secret is an identity token, which is no password and is sent by POST only. */
  boolean isIdentityToken() {
    return username.equals(IDENTITY_TOKEN);
  }

  /** The {@code Basic} authorization; empty if they cannot be sent so. */
  Optional<Authorization> basic() {
    return isIdentityToken() ? Optional.empty() : Optional.of(Authorization.basic(this));
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
