package dev.breakwater.http;

import dev.breakwater.access.AccessControl;
import dev.breakwater.access.Caller;
import dev.breakwater.access.Scope;
import dev.breakwater.oci.Action;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Zones;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.function.BiPredicate;

/** Refuses what the rules do not let a client do, before anything is looked up. */
final class Permissions {
  private final AccessControl access;
  private final Challenges challenges;

  /** For a listener. */
  Permissions(AccessControl access, Challenges challenges) {
    this.access = access;
    this.challenges = challenges;
  }

  /**
   * Lets a request for a repository through.
   *
   * @param scopeName by what name a token is asked for it
   * @throws RegistryException if the client may not do that: {@code UNAUTHORIZED} if a login or
   *     another token may help, else {@code DENIED}
   */
  void require(Exchange exchange, Zones.Target target, String scopeName) {
    Action action = action(exchange.request().method());
    exchange.wants(scopeName, action);
    if (!challenges.enabled() && !exchange.caller().covers(target.zone(), target.name(), action)) {
      // Where no login is asked for, a token for something else is ignored.
      exchange.madeBy(Caller.ANONYMOUS);
    }
    Caller caller = exchange.caller();
    Identity identity = caller.identity();
    boolean permitted = access.rules().permit(identity, target.zone(), target.name(), action);
    if (permitted && caller.covers(target.zone(), target.name(), action)) {
      return;
    }
    String what = action.word() + " " + target.name() + " of " + target.zone();
    if (challenges.enabled() && (permitted || identity.isAnonymous())) {
      throw challenges.failure(
          exchange,
          FailureCause.LOGIN_REQUIRED,
          (permitted ? "another token is needed to " : "a login is needed to ") + what,
          exchange.scopes(),
          caller.scopes().isPresent() ? Challenges.INSUFFICIENT : "");
    }
    throw new RegistryException(
        ErrorCode.DENIED,
        FailureCause.NOT_ALLOWED,
        (identity.isAnonymous() ? "a client without a login" : "this user")
            + " may not "
            + what
            + ": access.rules in the mirror's configuration say who may",
        null,
        null);
  }

  /** The ping: there, and only there, dockerd and podman find out how to log in. */
  void requireForPing(Exchange exchange) {
    if (challenges.enabled() && exchange.caller().isBare()) {
      throw challenges.failure(
          exchange, FailureCause.LOGIN_REQUIRED, "a token or a login is needed", List.of(), "");
    }
  }

  /** The list of repositories, which has what the client may pull. */
  void requireForCatalog(Exchange exchange) {
    if (challenges.enabled() && !exchange.caller().coversCatalog()) {
      throw challenges.failure(
          exchange,
          FailureCause.LOGIN_REQUIRED,
          "another token is needed for the list of repositories",
          List.of(Scope.CATALOG),
          Challenges.INSUFFICIENT);
    }
  }

  /** Which repositories the client may see in lists. */
  BiPredicate<ZoneName, RepositoryName> readableBy(Identity identity) {
    return (zone, name) -> access.rules().permit(identity, zone, name, Action.PULL);
  }

  private static Action action(HttpMethod method) {
    return switch (method.name()) {
      case "GET", "HEAD", "OPTIONS" -> Action.PULL;
      case "DELETE" -> Action.DELETE;
      default -> Action.PUSH;
    };
  }
}
