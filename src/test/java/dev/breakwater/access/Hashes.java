package dev.breakwater.access;

import java.nio.charset.StandardCharsets;

/** Hashes that are cheap to compare. */
public final class Hashes {
  private static final int COST = 4;

  private Hashes() {}

  /** A line of an htpasswd file, with its end. */
  public static String line(String user, String password) {
    return user + ":" + hash(password).reveal() + "\n";
  }

  static PasswordHash hash(String password) {
    return PasswordHash.of(password.getBytes(StandardCharsets.UTF_8), COST);
  }

  /** What stands behind the {@code $2y$} of a hash. */
  static String saltAndHash(String password) {
    return hash(password).reveal().substring("$2y$".length());
  }
}
