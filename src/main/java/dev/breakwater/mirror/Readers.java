package dev.breakwater.mirror;

import dev.breakwater.registry.Identity;
import java.util.Collections;
import java.util.Set;

/**
 * Who may read what is mirrored of a registry.
 *
 * @param anonymous whether all may
 * @param authenticated whether all may who have logged in
 * @param users those who may, by name
 * @param groups the groups whose users may
 */
public record Readers(
    boolean anonymous, boolean authenticated, Set<String> users, Set<String> groups) {
  /** All may. */
  public static final Readers ALL = new Readers(true, true, Set.of(), Set.of());

  /** Freezes the sets. */
  public Readers {
    users = Set.copyOf(users);
    groups = Set.copyOf(groups);
  }

  /** Whether this one may. */
  boolean include(Identity reader) {
    return anonymous
        || (!reader.isAnonymous()
            && (authenticated
                || users.contains(reader.user())
                || !Collections.disjoint(groups, reader.groups())));
  }
}
