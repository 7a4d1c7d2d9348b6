package dev.breakwater.http;

import dev.breakwater.access.AccessControl;
import dev.breakwater.access.Scope;
import dev.breakwater.access.Tokens;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/**
 * Asks for a login, on listeners that do. Clients get a token at {@link #TOKEN_PATH}, with or
 * without a password: by Basic alone dockerd cannot pull without a login what others push with one
 * (docs/findings.md#challenges).
 */
final class Challenges {
  /** Where tokens are given. */
  static final String TOKEN_PATH = "/token";

  /** What is said of a token that is for something else (RFC 6750, section 3.1). */
  static final String INSUFFICIENT = "insufficient_scope";

  private final boolean enabled;

  /** For a listener. */
  Challenges(AccessControl access, ServerSettings.Face face) {
    enabled = access.hasLogins() && face != ServerSettings.Face.MIRROR;
  }

  /** Whether the listener asks for logins at all. */
  boolean enabled() {
    return enabled;
  }

  /**
   * The failure of a request that needs a login, or another one.
   *
   * @param scopes what a token is needed for
   * @param error what is wrong with the token that came, in the words of RFC 6750; empty if none
   *     came
   */
  RegistryException failure(
      Exchange exchange, FailureCause cause, String message, List<Scope> scopes, String error) {
    if (enabled) {
      exchange
          .response()
          .putHeader(
              Fields.WWW_AUTHENTICATE,
              exchange.path().equals(TOKEN_PATH) ? Fields.BASIC : bearer(exchange, scopes, error));
    }
    return new RegistryException(ErrorCode.UNAUTHORIZED, cause, message, null, null);
  }

  /** Adds a challenge to an answer with status 401 that has none yet. */
  void addTo(Exchange exchange, HttpServerResponse response) {
    if (enabled && !response.headers().contains(Fields.WWW_AUTHENTICATE)) {
      String error = exchange.caller().scopes().isPresent() ? INSUFFICIENT : "";
      response.putHeader(Fields.WWW_AUTHENTICATE, bearer(exchange, exchange.scopes(), error));
    }
  }

  private static String bearer(Exchange exchange, List<Scope> scopes, String error) {
    return "Bearer realm=\""
        + exchange.external().at(TOKEN_PATH)
        + "\",service=\""
        + Tokens.SERVICE
        + "\""
        + (scopes.isEmpty() ? "" : ",scope=\"" + Scope.text(scopes) + "\"")
        + (error.isEmpty() ? "" : ",error=\"" + error + "\"");
  }
}
