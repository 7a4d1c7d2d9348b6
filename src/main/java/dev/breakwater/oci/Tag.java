package dev.breakwater.oci;

/**
 * A tag: {@code [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}} (distribution-spec, Pulling manifests).
 *
 * @param value the tag as written
 */
public record Tag(String value) implements Reference, Comparable<Tag> {
  /** The longest tag there is. */
  public static final int MAX_LENGTH = 128;

  /**
   * Checks the grammar.
   *
   * @throws RegistryException {@code TAG_INVALID}
   */
  public Tag {
    if (!isValid(value)) {
      throw new RegistryException(
          ErrorCode.TAG_INVALID,
          "tag "
              + Quoted.of(value)
              + " is not valid: a tag has 1 to 128 letters, digits, '_', '.' and '-', and does not"
              + " begin with '.' or '-'");
    }
  }

  /**
   * Reads a tag.
   *
   * @throws RegistryException {@code TAG_INVALID}
   */
  public static Tag parse(String text) {
    return new Tag(text);
  }

  /** Whether the text is a tag. */
  public static boolean isValid(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean word = Grammar.isAlphanumeric(c) || c == '_';
      if (!word && (i == 0 || (c != '.' && c != '-'))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(Tag other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
