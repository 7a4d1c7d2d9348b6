package dev.breakwater.registry;

import java.util.Set;

/**
 * In whose name a request is made.
 *
 * @param user the name of the user; empty if the client has not logged in
 * @param groups the groups the user is in, by the operator's configuration, without the {@code @}
 */
public record Identity(String user, Set<String> groups) {
  /** A client that has not logged in. */
  public static final Identity ANONYMOUS = new Identity("", Set.of());

  public Identity {
    groups = Set.copyOf(groups);
  }

  /** Whether the client has not logged in. */
  public boolean isAnonymous() {
    return user.isEmpty();
  }
}
