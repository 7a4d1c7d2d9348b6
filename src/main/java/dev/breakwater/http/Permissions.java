package dev.breakwater.http;

import dev.breakwater.access.AccessControl;
import dev.breakwater.oci.Action;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Zones;
import io.vertx.core.http.HttpMethod;
import java.util.function.BiPredicate;

/** Refuses what the rules do not let a client do, before anything is looked up. */
final class Permissions {
  private final AccessControl access;
  private final boolean challenges;

  /** For a listener; one with the face mirror never asks for a login. */
  Permissions(AccessControl access, ServerSettings.Face face) {
    this.access = access;
    this.challenges = face != ServerSettings.Face.MIRROR && access.hasLogins();
  }

  /**
   * Lets a request for a repository through.
   *
   * @throws RegistryException if the client may not do that: {@code UNAUTHORIZED} if a login may
   *     help, else {@code DENIED}
   */
  void require(Exchange exchange, Zones.Target target) {
    Action action = action(exchange.request().method());
    Identity identity = exchange.identity();
    if (access.rules().permit(identity, target.zone(), target.name(), action)) {
      return;
    }
    String what = action.word() + " " + target.name() + " of " + target.zone();
    if (identity.isAnonymous() && challenges) {
      throw loginRequired(exchange, "a login is needed to " + what);
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

  /** Answers the ping by which clients find out whether a login is needed. */
  void requireForPing(Exchange exchange) {
    if (challenges
        && exchange.identity().isAnonymous()
        && !access.rules().permitAnyPull(Identity.ANONYMOUS)) {
      throw loginRequired(exchange, "a login is needed");
    }
  }

  private static RegistryException loginRequired(Exchange exchange, String message) {
    exchange.response().putHeader(Fields.WWW_AUTHENTICATE, Fields.BASIC);
    return new RegistryException(
        ErrorCode.UNAUTHORIZED, FailureCause.LOGIN_REQUIRED, message, null, null);
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
