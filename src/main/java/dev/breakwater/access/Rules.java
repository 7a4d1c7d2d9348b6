package dev.breakwater.access;

import dev.breakwater.oci.Action;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import java.util.List;

/**
 * What clients may do: what at least one rule lets through. No rule takes away what another one
 * gives, so their order means nothing. Without rules all clients may pull, and users may push and
 * delete. Immutable.
 *
 * @param all the rules
 */
public record Rules(List<Rule> all) {
  /** Without rules. */
  public static final Rules NONE = new Rules(List.of());

  public Rules {
    all = List.copyOf(all);
  }

  /** Whether the client may do that. */
  public boolean permit(
      Identity identity, ZoneName zone, RepositoryName repository, Action action) {
    if (all.isEmpty()) {
      return action == Action.PULL || !identity.isAnonymous();
    }
    return all.stream().anyMatch(rule -> rule.permits(identity, zone, repository, action));
  }

  /** Whether there is something at all that the client may pull. */
  public boolean permitAnyPull(Identity identity) {
    return all.isEmpty()
        || all.stream()
            .anyMatch(rule -> rule.actions().contains(Action.PULL) && rule.isFor(identity));
  }
}
