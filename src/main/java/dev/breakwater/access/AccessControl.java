package dev.breakwater.access;

import io.vertx.core.Future;
import java.util.Optional;

/** Who may log in, and what clients may do. Thread-safe. */
public final class AccessControl {
  /** Without users and rules: all clients are anonymous and may pull everything. */
  public static final AccessControl OPEN = new AccessControl(Optional.empty(), Rules.NONE);

  private final Optional<PasswordLogins> logins;
  private final Rules rules;

  /** With these logins, which the caller closes, and these rules. */
  public AccessControl(Optional<PasswordLogins> logins, Rules rules) {
    this.logins = logins;
    this.rules = rules;
  }

  /** What clients may do. */
  public Rules rules() {
    return rules;
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
