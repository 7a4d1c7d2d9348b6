package dev.breakwater.config;

import dev.breakwater.oci.Action;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.ZoneName;
import java.util.List;

/**
 * Lets some clients do something with some repositories.
 *
 * @param who names of users, {@code @group}, {@code authenticated} or {@code anonymous}
 * @param registries the registries meant; empty: all
 * @param repositories patterns of names within a registry
 * @param actions what is let through
 */
public record AccessRule(
    List<String> who,
    List<ZoneName> registries,
    List<RepositoryPattern> repositories,
    List<Action> actions) {
  /** Freezes the lists. */
  public AccessRule {
    who = List.copyOf(who);
    registries = List.copyOf(registries);
    repositories = List.copyOf(repositories);
    actions = List.copyOf(actions);
  }
}
