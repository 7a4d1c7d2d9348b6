package dev.breakwater.access;

import io.vertx.core.Future;
import java.util.Optional;

/** Who may log in. Thread-safe. */
public final class AccessControl {
  /** Without users: all clients are anonymous. */
  public static final AccessControl OPEN = new AccessControl(Optional.empty());

  private final Optional<PasswordLogins> logins;

  /** With these logins, which the caller closes. */
  public AccessControl(Optional<PasswordLogins> logins) {
    this.logins = logins;
  }

  /** Whether there are users at all. */
  public boolean hasLogins() {
    return logins.isPresent();
  }

  /**
   * As {@link PasswordLogins#check}.
   *
   * @throws IllegalStateException without users
   */
  public Future<LoginResult> login(ClientCredentials.Password password, String client) {
    return logins
        .orElseThrow(() -> new IllegalStateException("there are no users"))
        .check(password.user(), password.password(), client);
  }
}
