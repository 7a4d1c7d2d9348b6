package dev.breakwater.http;

import dev.breakwater.access.AccessControl;
import dev.breakwater.access.Caller;
import dev.breakwater.access.ClientCredentials;
import dev.breakwater.access.LoginResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
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
  private static final Future<Caller> ANONYMOUS = Future.succeededFuture(Caller.ANONYMOUS);
  private static final Duration BUSY = Duration.ofSeconds(1);

  private final AccessControl access;
  private final Challenges challenges;
  private final boolean isForgiving;

  ClientLogin(AccessControl access, Challenges challenges, ServerSettings.Face face) {
    this.access = access;
    this.challenges = challenges;
    this.isForgiving = face == ServerSettings.Face.MIRROR;
  }

  /**
   * Who made a request; already complete if it brings no password, or one that is known.
   *
   * @return fails with the answer to credentials that do not count
   */
  Future<Caller> identify(Exchange exchange) {
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
    Future<Caller> caller = identify(exchange, credentials);
    return isForgiving ? caller.otherwise(Caller.ANONYMOUS) : caller;
  }

  /** The same for credentials that came in another way. */
  Future<Caller> identify(Exchange exchange, ClientCredentials credentials) {
    return switch (credentials) {
      case ClientCredentials.Password password ->
          access
              .login(password, ClientNetwork.of(exchange.clientHost()))
              .compose(result -> caller(exchange, result));
      case ClientCredentials.Token token ->
          access
              .verify(token)
              .map(Future::succeededFuture)
              .orElseGet(
                  () ->
                      Future.failedFuture(
                          challenges.failure(
                              exchange,
                              FailureCause.LOGIN_WRONG,
                              "the token is not valid, or not any more; get another one",
                              List.of(),
                              "invalid_token")));
      case ClientCredentials.Malformed malformed ->
          Future.failedFuture(
              challenges.failure(
                  exchange, FailureCause.BAD_REQUEST, malformed.problem(), List.of(), ""));
    };
  }

  private Future<Caller> caller(Exchange exchange, LoginResult result) {
    return switch (result) {
      case LoginResult.Granted granted -> Future.succeededFuture(Caller.user(granted.identity()));
      case LoginResult.Wrong _ ->
          Future.failedFuture(refusal(exchange, "the user name or the password is not correct"));
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

  /** The failure of a request whose credentials are well formed and do not count. */
  RegistryException refusal(Exchange exchange, String message) {
    return challenges.failure(exchange, FailureCause.LOGIN_WRONG, message, List.of(), "");
  }
}
