package dev.breakwater.http;

import dev.breakwater.access.AccessControl;
import dev.breakwater.access.ClientCredentials;
import dev.breakwater.access.LoginResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.Identity;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/**
 * Finds out in whose name a request is made. One per event loop, confined to it.
 *
 * <p>The mirror face takes what is right and ignores the rest: dockerd could send it the password
 * for Docker Hub, and a pull must not fail for that (docs/findings.md#challenges).
 */
final class ClientLogin {
  private static final Future<Identity> ANONYMOUS = Future.succeededFuture(Identity.ANONYMOUS);
  private static final Duration BUSY = Duration.ofSeconds(1);

  private final AccessControl access;
  private final boolean isForgiving;

  ClientLogin(AccessControl access, ServerSettings.Face face) {
    this.access = access;
    this.isForgiving = face == ServerSettings.Face.MIRROR;
  }

  /**
   * The identity of a request; already complete if it brings no password, or one that is known.
   *
   * @return fails with the answer to credentials that do not count
   */
  Future<Identity> identify(Exchange exchange) {
    if (!access.hasLogins()) {
      return ANONYMOUS;
    }
    List<String> values = exchange.request().headers().getAll(Fields.AUTHORIZATION);
    if (values.isEmpty()) {
      return ANONYMOUS;
    }
    ClientCredentials credentials =
        values.size() == 1
            ? ClientCredentials.parse(values.getFirst())
            : new ClientCredentials.Malformed("the request has two Authorization headers");
    Future<Identity> identity = identity(exchange, credentials);
    return isForgiving ? identity.otherwise(Identity.ANONYMOUS) : identity;
  }

  private Future<Identity> identity(Exchange exchange, ClientCredentials credentials) {
    return switch (credentials) {
      case ClientCredentials.Password password ->
          access
              .login(password, ClientNetwork.of(exchange.clientHost()))
              .compose(result -> identity(exchange, result));
      case ClientCredentials.Token _ ->
          refuse(exchange, FailureCause.LOGIN_WRONG, "this registry gives no tokens; use Basic");
      case ClientCredentials.Malformed malformed ->
          refuse(exchange, FailureCause.BAD_REQUEST, malformed.problem());
    };
  }

  private Future<Identity> identity(Exchange exchange, LoginResult result) {
    return switch (result) {
      case LoginResult.Granted granted -> Future.succeededFuture(granted.identity());
      case LoginResult.Wrong _ ->
          refuse(
              exchange, FailureCause.LOGIN_WRONG, "the user name or the password is not correct");
      case LoginResult.Limited limited ->
          Future.failedFuture(
              new RegistryException(
                  ErrorCode.TOOMANYREQUESTS,
                  FailureCause.LOGIN_LIMIT,
                  "too many wrong passwords came from this address or for this user; wait before"
                      + " the next one",
                  limited.retryAfter(),
                  null));
      case LoginResult.Busy _ ->
          Future.failedFuture(
              new RegistryException(
                  ErrorCode.UNAVAILABLE,
                  FailureCause.OVERLOAD,
                  "too many passwords wait to be checked; try it again",
                  BUSY,
                  null));
    };
  }

  private <T> Future<T> refuse(Exchange exchange, FailureCause cause, String message) {
    if (!isForgiving) {
      exchange.response().putHeader(Fields.WWW_AUTHENTICATE, Fields.BASIC);
    }
    return Future.failedFuture(
        new RegistryException(ErrorCode.UNAUTHORIZED, cause, message, null, null));
  }
}
