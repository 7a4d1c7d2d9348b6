package dev.breakwater.http;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.http.HttpServerResponse;

/**
 * How a listener tells clients that they may not read something.
 *
 * @param face what the listener is for
 * @param challenge what is added to a 401
 */
record AccessRefusals(ServerSettings.Face face, Challenge challenge) {
  /** Tells a client how to log in. */
  @FunctionalInterface
  interface Challenge {
    /** For a server without logins. */
    Challenge NONE = (exchange, response) -> {};

    /** Adds {@code WWW-Authenticate} to the head of an answer with status 401. */
    void addTo(Exchange exchange, HttpServerResponse response);
  }

  /**
   * The refusal as this listener tells it. A mirror must not ask for a login: dockerd would offer
   * the user's login at Docker Hub. So it says that there is no such thing, and clients turn to the
   * registry itself.
   */
  RegistryException told(Exchange exchange, RegistryException refusal) {
    if (face != ServerSettings.Face.MIRROR || refusal.failureCause() != FailureCause.NO_ACCESS) {
      return refusal;
    }
    ErrorCode absent =
        switch (exchange.kind()) {
          case BLOB -> ErrorCode.BLOB_UNKNOWN;
          case TAGS -> ErrorCode.NAME_UNKNOWN;
          case MANIFEST, REFERRERS, TOKEN, OTHER -> ErrorCode.MANIFEST_UNKNOWN;
        };
    return new RegistryException(
        absent, refusal.failureCause(), String.valueOf(refusal.getMessage()), null, null);
  }

  /** Adds what a 401 needs; a mirror answers none. */
  void addChallenge(Exchange exchange, ErrorCode code, HttpServerResponse response) {
    if (code == ErrorCode.UNAUTHORIZED && face != ServerSettings.Face.MIRROR) {
      challenge.addTo(exchange, response);
    }
  }
}
