package dev.breakwater.access;

import dev.breakwater.oci.Action;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import java.util.List;
import java.util.Set;

/**
 * Lets some clients do something with some repositories.
 *
 * @param who names of users, {@code @group}, {@code authenticated} for all users, {@code anonymous}
 *     for all clients
 * @param registries the registries meant; empty: all
 * @param repositories patterns of names within a registry
 * @param actions what is let through
 */
public record Rule(
    List<String> who,
    List<ZoneName> registries,
    List<RepositoryPattern> repositories,
    Set<Action> actions) {
  /** All clients, whether they have logged in or not. */
  public static final String ANONYMOUS = "anonymous";

  /** All clients that have logged in. */
  public static final String AUTHENTICATED = "authenticated";

  public Rule {
    who = List.copyOf(who);
    registries = List.copyOf(registries);
    repositories = List.copyOf(repositories);
    actions = Set.copyOf(actions);
  }

  /** Whether it is about that client. */
  boolean isFor(Identity identity) {
    return who.stream().anyMatch(word -> means(word, identity));
  }

  private static boolean means(String word, Identity identity) {
    if (word.equals(ANONYMOUS)) {
      return true;
    }
    if (identity.isAnonymous()) {
      return false;
    }
    return word.equals(AUTHENTICATED)
        || (word.startsWith("@")
            ? identity.groups().contains(word.substring(1))
            : identity.user().equals(word));
  }

  /** Whether it lets that through. */
  boolean permits(Identity identity, ZoneName zone, RepositoryName repository, Action action) {
    return actions.contains(action)
        && (registries.isEmpty() || registries.contains(zone))
        && repositories.stream().anyMatch(pattern -> pattern.matches(zone, repository))
        && isFor(identity);
  }
}
