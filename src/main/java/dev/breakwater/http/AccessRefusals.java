package dev.breakwater.http;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.http.HttpServerResponse;

/**
 * How a listener tells clients that they may not read something.
 *
 * @param face what the listener is for
 * @param challenges what is added to a 401
 */
record AccessRefusals(ServerSettings.Face face, Challenges challenges) {
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

  /** Adds what a 401 needs. */
  void addChallenge(Exchange exchange, ErrorCode code, HttpServerResponse response) {
    if (code == ErrorCode.UNAUTHORIZED) {
      challenges.addTo(exchange, response);
    }
  }
}
