package dev.breakwater.access;

import dev.breakwater.oci.Action;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import java.util.List;
import java.util.Optional;

/**
 * In whose name a request is made, and what its token is for.
 *
 * @param identity the user
 * @param scopes all that may be done with the token that came; empty without a token, when the
 *     rules alone decide. Repositories have their registry's name before them.
 */
public record Caller(Identity identity, Optional<List<Scope>> scopes) {
  /** A client that sent neither password nor token. */
  public static final Caller ANONYMOUS = new Caller(Identity.ANONYMOUS, Optional.empty());

  /** A user who sent a password. */
  public static Caller user(Identity identity) {
    return new Caller(identity, Optional.empty());
  }

  /** The name by which a scope of a token means a repository. */
  public static String scopeName(ZoneName zone, RepositoryName repository) {
    return zone + "/" + repository;
  }

  /** Whether the client sent nothing that says who it is, not even an anonymous token. */
  public boolean isBare() {
    return identity.isAnonymous() && scopes.isEmpty();
  }

  /** Whether a token does not forbid it. */
  public boolean covers(ZoneName zone, RepositoryName repository, Action action) {
    return scopes.isEmpty()
        || scopes.get().stream()
            .anyMatch(
                scope ->
                    scope.isRepository()
                        && scope.name().equals(scopeName(zone, repository))
                        && scope.actions().contains(action));
  }

  /** The same for the list of all repositories. */
  public boolean coversCatalog() {
    return scopes.isEmpty() || scopes.get().contains(Scope.CATALOG);
  }
}
