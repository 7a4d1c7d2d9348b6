package dev.breakwater.oci;

import java.util.regex.Pattern;

/**
 * Which repositories of a registry are meant: {@code *} is any text, slashes too, {@code ?} any
 * character, {@code [0-9a-f]} one of these. On Docker Hub {@code nginx} is {@code library/nginx} as
 * well, as people write it.
 */
public final class RepositoryPattern {
  private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9._/*?\\[\\]-]+");
  private static final int LONGEST = 255;
  private static final String OFFICIAL = "library/";

  private final String text;
  private final Glob pattern;

  private RepositoryPattern(String text, Glob pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException if it is none, or one that no name can match, with a message
   *     that begins with it
   */
  public static RepositoryPattern parse(String text) {
    if (text.length() > LONGEST || !GRAMMAR.matcher(text).matches()) {
      throw refusal(text, "is not a pattern of repositories");
    }
    if (text.startsWith("/") || text.endsWith("/") || text.contains("//")) {
      throw refusal(text, "matches no repository, because of a slash at an end or two in a row");
    }
    return new RepositoryPattern(
        text,
        Glob.compile(text)
            .orElseThrow(() -> refusal(text, "has brackets that are no choice of characters")));
  }

  private static IllegalArgumentException refusal(String text, String problem) {
    return new IllegalArgumentException(
        Quoted.of(text)
            + " "
            + problem
            + "; write a repository's name in lower case without registry and tag, with * for any"
            + " text: library/* or *");
  }

  /** Whether this repository of that zone is one of those. */
  public boolean matches(ZoneName zone, RepositoryName repository) {
    String name = repository.value();
    return pattern.matches(name)
        || (zone.equals(ZoneName.DOCKER_HUB)
            && name.startsWith(OFFICIAL)
            && pattern.matches(name.substring(OFFICIAL.length())));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RepositoryPattern pattern && pattern.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
