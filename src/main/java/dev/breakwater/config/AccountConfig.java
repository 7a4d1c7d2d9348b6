package dev.breakwater.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A login at an upstream.
 *
 * @param username the user's name; holds no colon, for HTTP Basic could not carry it
 * @param password password or access token
 * @param passwordFile where the password was read from, if not from the configuration itself
 */
public record AccountConfig(String username, Secret password, Optional<Path> passwordFile) {
  /** With a password that stands in the configuration itself. */
  public AccountConfig(String username, Secret password) {
    this(username, password, Optional.empty());
  }
}
