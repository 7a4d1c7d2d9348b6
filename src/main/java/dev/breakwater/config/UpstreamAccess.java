package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who may read what is mirrored of an upstream.
 *
 * @param kind in general
 * @param users by name, if only some may
 * @param groups by name without the {@code @}, whose users may too
 */
public record UpstreamAccess(Kind kind, Set<String> users, Set<String> groups) {
  /** Who in general. */
  public enum Kind {
    /** All who reach the mirror. */
    ANONYMOUS,
    /** All who have logged in. */
    AUTHENTICATED,
    /** The users and groups that are named. */
    NAMED
  }

  /** All who reach the mirror. */
  public static final UpstreamAccess ANONYMOUS =
      new UpstreamAccess(Kind.ANONYMOUS, Set.of(), Set.of());

  private static final UpstreamAccess AUTHENTICATED =
      new UpstreamAccess(Kind.AUTHENTICATED, Set.of(), Set.of());

  /** Freezes the sets. */
  public UpstreamAccess {
    users = Set.copyOf(users);
    groups = Set.copyOf(groups);
  }

  /** Reads one of the two words, or names. */
  static UpstreamAccess parse(List<String> values) {
    if (values.equals(List.of("anonymous"))) {
      return ANONYMOUS;
    }
    if (values.equals(List.of("authenticated"))) {
      return AUTHENTICATED;
    }
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          "the list is empty, so that no client could read; name users or @groups");
    }
    Set<String> users = new TreeSet<>();
    Set<String> groups = new TreeSet<>();
    for (String value : values) {
      if (value.equals("anonymous") || value.equals("authenticated")) {
        throw new IllegalArgumentException(
            Quoted.of(value) + " must stand alone; remove it, or the names beside it");
      }
      boolean isGroup = value.startsWith("@");
      String name = isGroup ? value.substring(1) : value;
      if (!isName(name)) {
        throw new IllegalArgumentException(
            Quoted.of(value)
                + " names no user or group; write a user's name, or @ and a group's name, without"
                + " spaces and colons");
      }
      (isGroup ? groups : users).add(name);
    }
    return new UpstreamAccess(Kind.NAMED, users, groups);
  }

  /** What may stand before the colon of a login. */
  private static boolean isName(String text) {
    return !text.isEmpty()
        && text.indexOf('@') != 0
        && text.chars().noneMatch(c -> c == ':' || c <= ' ' || c == 0x7f);
  }
}
