package dev.breakwater.access;

import dev.breakwater.registry.Identity;
import java.time.Duration;

/** What comes of a user name and a password. */
public sealed interface LoginResult {
  /** They are right. */
  record Granted(Identity identity) implements LoginResult {}

  /** The user is unknown or the password is wrong; which of both is not told. */
  record Wrong() implements LoginResult {}

  /**
   * Too many wrong ones came before, so these were not looked at.
   *
   * @param retryAfter when they will be; above zero
   */
  record Limited(Duration retryAfter) implements LoginResult {}

  /** More passwords wait to be checked than this machine can check soon. */
  record Busy() implements LoginResult {}
}
