package dev.breakwater.access;

import io.vertx.core.Future;
import java.util.Optional;

/** Who may log in, and what clients may do. Thread-safe. */
public final class AccessControl {
  /** Without users and rules: all clients are anonymous and may pull everything. */
  public static final AccessControl OPEN = new AccessControl(Optional.empty(), Rules.NONE);

  /**
   * How clients log in.
   *
   * @param passwords by user name and password; closed by the caller
   * @param tokens by token
   */
  public record Logins(PasswordLogins passwords, Tokens tokens) {}

  private final Optional<Logins> logins;
  private final Rules rules;

  /** With these logins and rules. */
  public AccessControl(Optional<Logins> logins, Rules rules) {
    this.logins = logins;
    this.rules = rules;
  }

  /** What clients may do. */
  public Rules rules() {
    return rules;
  }

  /** What gives tokens; empty without users. */
  public Optional<Tokens> tokens() {
    return logins.map(Logins::tokens);
  }

  /** Who sent a token; empty if it does not count. */
  public Optional<Caller> verify(ClientCredentials.Token token) {
    return tokens().flatMap(tokens -> tokens.verify(token.text()));
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
        .passwords()
        .check(password.user(), password.password(), client);
  }
}
