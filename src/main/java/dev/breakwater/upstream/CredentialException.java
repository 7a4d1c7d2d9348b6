package dev.breakwater.upstream;

import java.io.Serial;

/** A login that cannot be obtained. The message says why and what to do, and has no secrets. */
final class CredentialException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final boolean refused;

  CredentialException(String message) {
    this(message, false);
  }

  private CredentialException(String message, boolean refused) {
    super(message, null, false, false);
    this.refused = refused;
  }

  /** There is a login, and it is the one that the registry has just refused. */
  static CredentialException refused() {
    return new CredentialException(
        "the registry refuses it, and fetching it again brings the same; log in anew", true);
  }

  /** Whether the registry has said no, so that nothing but another login helps. */
  boolean isRefused() {
    return refused;
  }
}
