package dev.breakwater.mirror;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;

/**
 * Which repositories of a registry may be read through the mirror: those that {@code allow} names,
 * or all if it is empty, without those that {@code deny} names.
 *
 * @param allow the only ones that are allowed; empty: all are
 * @param deny those that are not, whatever {@code allow} says
 */
public record RepositoryRules(List<RepositoryPattern> allow, List<RepositoryPattern> deny) {
  /** All repositories are allowed. */
  public static final RepositoryRules NONE = new RepositoryRules(List.of(), List.of());

  /** Freezes the lists. */
  public RepositoryRules {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }

  /** Why the repository is not allowed, naming the key that says so; empty if it is. */
  Optional<String> refusal(ZoneName zone, RepositoryName repository) {
    Optional<String> denied =
        deny.stream()
            .filter(pattern -> pattern.matches(zone, repository))
            .findFirst()
            .map(pattern -> "upstreams." + zone + ".deny has " + pattern);
    return denied.isPresent() || allow.isEmpty() || matchesAny(zone, repository)
        ? denied
        : Optional.of("upstreams." + zone + ".allow does not have it");
  }

  private boolean matchesAny(ZoneName zone, RepositoryName repository) {
    return allow.stream().anyMatch(pattern -> pattern.matches(zone, repository));
  }

  /** As the start says it in the log; empty if all repositories are allowed. */
  public Optional<String> description() {
    String text =
        (allow.isEmpty() ? "" : "only " + allow) + (deny.isEmpty() ? "" : " without " + deny);
    return text.isEmpty() ? Optional.empty() : Optional.of(text.strip());
  }
}
