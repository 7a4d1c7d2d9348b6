package dev.breakwater.oci;

/**
 * A repository's name: path components of lower-case letters and digits, joined by {@code /};
 * within a component {@code .}, {@code _}, {@code __} or any number of {@code -} may separate
 * (distribution-spec, Pulling manifests). At most 255 characters, the limit most clients have.
 *
 * @param value the name as written
 */
public record RepositoryName(String value) implements Comparable<RepositoryName> {
  /** The longest name taken. */
  public static final int MAX_LENGTH = 255;

  /**
   * Checks the grammar.
   *
   * @throws RegistryException {@code NAME_INVALID}
   */
  public RepositoryName {
    if (!isValid(value)) {
      throw new RegistryException(
          ErrorCode.NAME_INVALID,
          "repository name "
              + Quoted.of(value)
              + " is not valid: components of lower-case letters and digits, separated inside by"
              + " '.', '_', '__' or '-', joined by '/', 255 characters at most");
    }
  }

  /**
   * Reads a name.
   *
   * @throws RegistryException {@code NAME_INVALID}
   */
  public static RepositoryName parse(String text) {
    return new RepositoryName(text);
  }

  /** Whether the text is a repository name; linear in its length. */
  public static boolean isValid(String text) {
    if (text.length() > MAX_LENGTH) {
      return false;
    }
    int i = 0;
    while (true) {
      int component = i;
      while (i < text.length() && Grammar.isLowerAlphanumeric(text.charAt(i))) {
        i++;
      }
      if (i == component) {
        return false;
      }
      if (i == text.length()) {
        return true;
      }
      int separator = separatorLength(text, i);
      if (separator == 0) {
        return false;
      }
      i += separator;
    }
  }

  private static int separatorLength(String text, int at) {
    return switch (text.charAt(at)) {
      case '/', '.' -> 1;
      case '_' -> at + 1 < text.length() && text.charAt(at + 1) == '_' ? 2 : 1;
      case '-' -> {
        int end = at;
        while (end < text.length() && text.charAt(end) == '-') {
          end++;
        }
        yield end - at;
      }
      default -> 0;
    };
  }

  /** Whether the name has one component, as in {@code redis}. */
  public boolean isSingleComponent() {
    return value.indexOf('/') < 0;
  }

  @Override
  public int compareTo(RepositoryName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
