package dev.breakwater.access;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a client sends in {@code Authorization} (RFC 9110, section 11.6.2). */
public sealed interface ClientCredentials {
  /** The longest value that is looked at, in characters. */
  int LONGEST = 12 * 1024;

  /** A user name and a password (RFC 7617). */
  record Password(String user, String password) implements ClientCredentials {
    /** Tells neither. */
    @Override
    public String toString() {
      return "Password[]";
    }
  }

  /** A token (RFC 6750). */
  record Token(String text) implements ClientCredentials {
    /** Does not tell it. */
    @Override
    public String toString() {
      return "Token[]";
    }
  }

  /**
   * Anything else.
   *
   * @param problem what is wrong with it, in a sentence that quotes nothing of it
   */
  record Malformed(String problem) implements ClientCredentials {}

  /** Reads the value of the field. Any text can be read. */
  static ClientCredentials parse(String value) {
    if (value.length() > LONGEST) {
      return new Malformed("Authorization is longer than " + LONGEST + " characters");
    }
    int space = value.indexOf(' ');
    String scheme = space < 0 ? value : value.substring(0, space);
    String rest = space < 0 ? "" : value.substring(space).strip();
    if (scheme.equalsIgnoreCase("Basic")) {
      return password(rest);
    }
    if (scheme.equalsIgnoreCase("Bearer")) {
      return isToken(rest)
          ? new Token(rest)
          : new Malformed("what follows Bearer in Authorization is not a token");
    }
    return new Malformed("Authorization is neither Basic nor Bearer");
  }

  private static ClientCredentials password(String encoded) {
    String text;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(encoded));
      text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (IllegalArgumentException e) {
      return new Malformed("what follows Basic in Authorization is not base64");
    } catch (CharacterCodingException e) {
      return new Malformed("the user name and the password in Authorization are not UTF-8");
    }
    int colon = text.indexOf(':');
    if (colon < 0) {
      return new Malformed("Authorization has no colon between user name and password");
    }
    if (colon == 0) {
      return new Malformed("the user name in Authorization is empty");
    }
    if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      return new Malformed("Authorization has a control character in user name or password");
    }
    return new Password(text.substring(0, colon), text.substring(colon + 1));
  }

  /** Whether it is what RFC 6750 calls b64token. */
  private static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || "-._~+/=".indexOf(c) >= 0);
  }
}
