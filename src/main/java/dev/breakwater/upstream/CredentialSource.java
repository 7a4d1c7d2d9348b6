package dev.breakwater.upstream;

import io.vertx.core.Future;
import java.util.Optional;

/** Where the login of an account comes from. Thread-safe. */
interface CredentialSource extends AutoCloseable {
  /** Of having no account. */
  CredentialSource NONE = new FixedCredentials(Account.ANONYMOUS, Optional.empty());

  /** A login that stays the same. */
  static CredentialSource of(Credentials credentials) {
    return new FixedCredentials(credentials.username(), Optional.of(credentials));
  }

  /** What the account is called in messages and metrics; never a secret. */
  String name();

  /**
   * The login to use now; empty for none, which is anonymous. Fails with a {@link
   * CredentialException} if it cannot be obtained. Completes on the caller's context.
   */
  Future<Optional<Credentials>> get();

  /**
   * The registry refused this login.
   *
   * @return whether {@link #get} may give another one
   */
  boolean refused(Credentials used);

  /** Whether {@link #get} may give another login than this. */
  boolean isOutdated(Credentials used);

  @Override
  void close();

  /**
   * A login that stays the same.
   *
   * @param name of the account
   * @param login empty for anonymous
   */
  record FixedCredentials(String name, Optional<Credentials> login) implements CredentialSource {
    @Override
    public Future<Optional<Credentials>> get() {
      return Future.succeededFuture(login);
    }

    @Override
    public boolean refused(Credentials used) {
      return false;
    }

    @Override
    public boolean isOutdated(Credentials used) {
      return false;
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
