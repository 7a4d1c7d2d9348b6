package dev.breakwater.upstream;

import java.util.Optional;

/**
 * Who we are to a registry, and what is known of the pulls that are left to it. Equal to nothing
 * but itself.
 */
final class Account {
  /** The name of having no account. */
  static final String ANONYMOUS = "anonymous";

  private final Optional<Credentials> credentials;
  private final Quota quota;

  private Account(Optional<Credentials> credentials, Quota quota) {
    this.credentials = credentials;
    this.quota = quota;
  }

  static Account of(Credentials credentials, Quota quota) {
    return new Account(Optional.of(credentials), quota);
  }

  static Account anonymous(Quota quota) {
    return new Account(Optional.empty(), quota);
  }

  /** What logs it in; empty for anonymous. */
  Optional<Credentials> credentials() {
    return credentials;
  }

  Quota quota() {
    return quota;
  }

  /** The configured name, a metric label; never a secret. */
  String name() {
    return credentials.map(Credentials::username).orElse(ANONYMOUS);
  }

  @Override
  public String toString() {
    return name();
  }
}
