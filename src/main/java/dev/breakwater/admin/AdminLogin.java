package dev.breakwater.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Who may command: those that send one of the tokens, as {@code Bearer} token or as the password of
 * {@code Basic} with any user name, which is what browsers can do. Tokens are long, so that there
 * is nothing to guess; they are kept as their hashes, whose comparison takes the same time whatever
 * was sent. Immutable.
 */
public final class AdminLogin {
  /** So long, in characters, must a token be at the least. */
  public static final int SHORTEST = 16;

  private static final String BEARER = "Bearer ";
  private static final String BASIC = "Basic ";

  private final List<byte[]> hashes = new ArrayList<>();

  /** With these tokens, each as good as the other. */
  public AdminLogin(List<String> tokens) {
    for (String token : tokens) {
      if (token.length() < SHORTEST) {
        throw new IllegalArgumentException("a token of the admin listener is too short");
      }
      hashes.add(hash(token));
    }
  }

  /** Whether these {@code Authorization} fields, of which there must be one, hold a token. */
  boolean admits(List<String> authorizations) {
    if (authorizations.size() != 1) {
      return false;
    }
    Optional<String> token = token(authorizations.getFirst());
    if (token.isEmpty()) {
      return false;
    }
    byte[] given = hash(token.get());
    boolean known = false;
    for (byte[] hash : hashes) {
      known |= MessageDigest.isEqual(hash, given);
    }
    return known;
  }

  private static Optional<String> token(String authorization) {
    if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return Optional.of(authorization.substring(BEARER.length()).strip());
    }
    return authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())
        ? password(authorization.substring(BASIC.length()).strip())
        : Optional.empty();
  }

  private static Optional<String> password(String base64) {
    try {
      String pair = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
