package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.fuzz.FuzzText;

/** Patterns of repositories and tags, against a table of which beginnings match each other. */
public final class PatternFuzz {
  private static final ZoneName GHCR = new ZoneName("ghcr.io");

  private PatternFuzz() {}

  /** A pattern, and in the second line a name, {@code REPOSITORY} or {@code REPOSITORY:TAG}. */
  public static void fuzzerTestOneInput(byte[] input) {
    String[] lines = FuzzText.lines(input, 2);
    String pattern = lines[0];
    String name = lines[1];
    int colon = name.indexOf(':');
    if (colon < 0) {
      checkRepository(pattern, name);
    } else {
      checkTag(pattern, name.substring(0, colon), name.substring(colon + 1));
    }
  }

  private static void checkRepository(String text, String name) {
    RepositoryPattern pattern;
    try {
      pattern = RepositoryPattern.parse(text);
    } catch (IllegalArgumentException e) {
      checkRefusal(e, text);
      return;
    }
    assertThat(pattern).hasToString(text);
    if (!RepositoryName.isValid(name)) {
      return;
    }
    RepositoryName repository = new RepositoryName(name);
    boolean expected = matches(text, name);
    assertThat(pattern.matches(GHCR, repository)).isEqualTo(expected);
    assertThat(pattern.matches(ZoneName.DOCKER_HUB, repository))
        .isEqualTo(expected || (name.startsWith("library/") && matches(text, name.substring(8))));
  }

  private static void checkTag(String text, String name, String tag) {
    TagPattern pattern;
    try {
      pattern = TagPattern.parse(text);
    } catch (IllegalArgumentException e) {
      checkRefusal(e, text);
      return;
    }
    assertThat(pattern).hasToString(text);
    if (RepositoryName.isValid(name) && Tag.isValid(tag)) {
      assertThat(pattern.matches(new RepositoryName(name), new Tag(tag)))
          .isEqualTo(matches(text, name + ":" + tag));
    }
  }

  /** One line, which begins with what was refused. */
  private static void checkRefusal(IllegalArgumentException e, String text) {
    assertThat(e.getClass()).isEqualTo(IllegalArgumentException.class);
    assertThat(e).hasMessageStartingWith(Quoted.of(text)).hasMessageMatching("[ -~]{1,2000}");
  }

  /** Row by row: after each part of the pattern, which beginnings of the name are matched. */
  private static boolean matches(String pattern, String name) {
    boolean[] row = new boolean[name.length() + 1];
    row[0] = true;
    for (int at = 0; at < pattern.length(); at++) {
      char c = pattern.charAt(at);
      int end = c == '[' ? pattern.indexOf(']', at) : at;
      boolean[] next = new boolean[row.length];
      next[0] = c == '*' && row[0];
      for (int i = 1; i < row.length; i++) {
        next[i] =
            c == '*'
                ? row[i] || next[i - 1]
                : row[i - 1] && isOne(pattern.substring(at, end + 1), name.charAt(i - 1));
      }
      row = next;
      at = end;
    }
    return row[name.length()];
  }

  private static boolean isOne(String part, char c) {
    return switch (part.charAt(0)) {
      case '?' -> c != ':';
      case '[' -> isChoice(part.substring(1, part.length() - 1), c);
      default -> part.charAt(0) == c;
    };
  }

  private static boolean isChoice(String choice, char c) {
    for (int i = 0; i < choice.length(); i++) {
      boolean range = i + 2 < choice.length() && choice.charAt(i + 1) == '-';
      char last = choice.charAt(range ? i + 2 : i);
      if (choice.charAt(i) <= c && c <= last) {
        return true;
      }
      i += range ? 2 : 0;
    }
    return false;
  }
}
