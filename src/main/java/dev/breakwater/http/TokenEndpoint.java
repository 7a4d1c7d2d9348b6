package dev.breakwater.http;

import dev.breakwater.access.AccessControl;
import dev.breakwater.access.Caller;
import dev.breakwater.access.ClientCredentials;
import dev.breakwater.access.Scope;
import dev.breakwater.access.Tokens;
import dev.breakwater.oci.Action;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Zones;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code GET} and {@code POST /token}: gives a token for what the rules let the client do of what
 * it asks for, maybe nothing (distribution, auth/token and auth/oauth). A client without a login
 * gets one too.
 */
final class TokenEndpoint {
  private final AccessControl access;
  private final Tokens tokens;
  private final Zones zones;
  private final ClientLogin login;
  private final FormBody form;

  TokenEndpoint(
      AccessControl access, Tokens tokens, Zones zones, ClientLogin login, FormBody form) {
    this.access = access;
    this.tokens = tokens;
    this.zones = zones;
    this.login = login;
    this.form = form;
  }

  /** As {@link Endpoint#methods}. */
  List<HttpMethod> methods() {
    return List.of(HttpMethod.GET, HttpMethod.POST);
  }

  /** As {@link Endpoint#answer}. */
  Future<Void> answer(Exchange exchange) {
    if (exchange.caller().scopes().isPresent()) {
      return Future.failedFuture(
          login.refusal(exchange, "a token does not give another one; send user and password"));
    }
    if (exchange.request().method().equals(HttpMethod.GET)) {
      Query query = Query.of(exchange.target().uri());
      boolean offline = query.single("offline_token").equals(Optional.of("true"));
      return give(exchange, exchange.identity(), query, offline);
    }
    return form.read(exchange.request())
        .compose(
            fields ->
                owner(exchange, fields)
                    .compose(
                        identity ->
                            give(
                                exchange,
                                identity,
                                fields,
                                fields.single("access_type").equals(Optional.of("offline")))));
  }

  /** Whose the form is. */
  private Future<Identity> owner(Exchange exchange, Query fields) {
    return switch (fields.single("grant_type").orElse("")) {
      case "password" ->
          login
              .identify(
                  exchange,
                  new ClientCredentials.Password(
                      fields.single("username").orElse(""), fields.single("password").orElse("")))
              .map(Caller::identity);
      case "refresh_token" ->
          tokens
              .verifyRefresh(fields.single("refresh_token").orElse(""))
              .map(Future::succeededFuture)
              .orElseGet(
                  () ->
                      Future.failedFuture(
                          login.refusal(
                              exchange, "the refresh token is not valid any more; log in again")));
      default ->
          Future.failedFuture(
              new RegistryException(
                  ErrorCode.REQUEST_INVALID,
                  FailureCause.BAD_REQUEST,
                  "grant_type must be password or refresh_token",
                  null,
                  null));
    };
  }

  private Future<Void> give(Exchange exchange, Identity identity, Query query, boolean offline) {
    String service = query.single("service").orElse(Tokens.SERVICE);
    if (!service.equals(Tokens.SERVICE)) {
      return Future.failedFuture(
          new RegistryException(
              ErrorCode.REQUEST_INVALID,
              "tokens are given for the service " + Tokens.SERVICE + " only"));
    }
    List<Scope> asked =
        query.all("scope").stream().flatMap(text -> Scope.parse(text).stream()).toList();
    if (asked.size() > Tokens.MOST_SCOPES) {
      return Future.failedFuture(
          new RegistryException(
              ErrorCode.REQUEST_INVALID,
              "a token can have " + Tokens.MOST_SCOPES + " scopes at the most"));
    }
    List<Scope> granted =
        asked.stream().flatMap(scope -> grant(exchange, identity, scope).stream()).toList();
    String token = tokens.issue(identity, granted);
    JsonObject answer =
        new JsonObject()
            .put("token", token)
            .put("access_token", token)
            .put("expires_in", Tokens.LIFETIME.toSeconds())
            .put("issued_at", tokens.now().truncatedTo(ChronoUnit.SECONDS).toString());
    if (offline && !identity.isAnonymous()) {
      answer.put("refresh_token", tokens.issueRefresh(identity));
    }
    exchange
        .beginLocal(200)
        .putHeader(Fields.CONTENT_TYPE, Fields.JSON)
        .putHeader(Fields.CACHE_CONTROL, Fields.NO_STORE);
    return exchange.end(answer.toBuffer());
  }

  /** What the client may do of it; empty for nothing. */
  private Optional<Scope> grant(Exchange exchange, Identity identity, Scope asked) {
    if (!asked.isRepository()) {
      return Optional.of(asked);
    }
    Zones.Target target;
    try {
      target =
          zones.resolve(
              Optional.empty(), exchange.target().host(), "", new RepositoryName(asked.name()));
    } catch (RegistryException e) {
      return Optional.empty();
    }
    Set<Action> actions = EnumSet.noneOf(Action.class);
    for (Action action : asked.actions()) {
      if (access.rules().permit(identity, target.zone(), target.name(), action)) {
        actions.add(action);
      }
    }
    return actions.isEmpty()
        ? Optional.empty()
        : Optional.of(Scope.repository(Caller.scopeName(target.zone(), target.name()), actions));
  }
}
