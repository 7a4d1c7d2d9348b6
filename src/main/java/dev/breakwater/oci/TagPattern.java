package dev.breakwater.oci;

import java.util.regex.Pattern;

/**
 * Which tags are meant, written {@code REPOSITORY:TAG}: {@code *} is any text, slashes too, {@code
 * ?} any character, {@code [0-9a-f]} one of these.
 */
public final class TagPattern {
  private static final Pattern GRAMMAR =
      Pattern.compile("[a-z0-9._/*?\\[\\]-]+:[A-Za-z0-9._*?\\[\\]-]+");
  private static final int LONGEST = 255;

  private final String text;
  private final Glob pattern;

  private TagPattern(String text, Glob pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException if it is none, with a message that begins with it
   */
  public static TagPattern parse(String text) {
    if (text.length() > LONGEST || !GRAMMAR.matcher(text).matches()) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is not a pattern of tags; write REPOSITORY:TAG, for example *:latest");
    }
    return new TagPattern(text, Glob.compile(text).orElseThrow(() -> unclosed(text)));
  }

  private static IllegalArgumentException unclosed(String text) {
    return new IllegalArgumentException(
        Quoted.of(text)
            + " has brackets that are no choice of characters; write for example *:v[0-9]*");
  }

  /** Whether this tag is one of those. */
  public boolean matches(RepositoryName repository, Tag tag) {
    return pattern.matches(repository.value() + ':' + tag.value());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TagPattern pattern && pattern.text.equals(text);
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
