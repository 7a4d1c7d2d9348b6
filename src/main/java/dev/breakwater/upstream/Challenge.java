package dev.breakwater.upstream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110 §11.6.1).
 *
 * @param scheme in lower case: {@code bearer}, {@code basic}
 * @param parameters by lower-case name; of a repeated one the first counts
 */
record Challenge(String scheme, Map<String, String> parameters) {
  Challenge {
    parameters = Map.copyOf(parameters);
  }

  /** A parameter's value, if it was given. */
  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /**
   * All challenges of all header lines. Never fails: reading a line stops where it makes no sense,
   * and what stood before that is returned. Linear in the length.
   */
  static List<Challenge> parse(List<String> lines) {
    List<Challenge> challenges = new ArrayList<>();
    for (String line : lines) {
      new Reader(line).readInto(challenges);
    }
    return List.copyOf(challenges);
  }

  /*
   * The grammar is ambiguous at a comma: what follows is the next parameter if "=" comes after its
   * token, and the next challenge otherwise. "Negotiate abc==" is a scheme with a token68, told
   * apart by standing right behind the scheme, without a comma, and having nothing or more "="
   * behind its "=".
   */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    void readInto(List<Challenge> challenges) {
      skipSeparators();
      while (at < text.length()) {
        String scheme = token();
        if (scheme.isEmpty()) {
          return;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        boolean sound = readParameters(parameters);
        challenges.add(new Challenge(scheme.toLowerCase(Locale.ROOT), parameters));
        if (!sound) {
          return;
        }
        skipSeparators();
      }
    }

    /** Reads until the next scheme or the end; false if the text makes no sense any more. */
    private boolean readParameters(Map<String, String> parameters) {
      boolean first = true;
      while (true) {
        boolean comma = skipSeparators();
        if (at == text.length()) {
          return true;
        }
        int start = at;
        String name = token();
        if (name.isEmpty()) {
          return false;
        }
        skipSpaces();
        boolean equals = at < text.length() && text.charAt(at) == '=';
        if (first && !comma && isToken68End()) {
          return true;
        }
        if (!equals) {
          at = start;
          return first ? comma || skipToken68() : true;
        }
        at++;
        skipSpaces();
        Optional<String> value = at < text.length() && text.charAt(at) == '"' ? quoted() : plain();
        if (value.isEmpty()) {
          return false;
        }
        parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value.get());
        first = false;
        skipSpaces();
        if (at < text.length() && text.charAt(at) != ',') {
          return false;
        }
      }
    }

    /** Consumes the padding of a token68, if that is what stands here. */
    private boolean isToken68End() {
      int end = at;
      while (end < text.length() && text.charAt(end) == '=') {
        end++;
      }
      int after = end;
      while (after < text.length() && isSpace(text.charAt(after))) {
        after++;
      }
      if (after < text.length() && text.charAt(after) != ',') {
        return false;
      }
      at = after;
      return true;
    }

    /** Two tokens in a row: the second can only be a token68 with characters no token has. */
    private boolean skipToken68() {
      while (at < text.length() && text.charAt(at) != ',') {
        at++;
      }
      return true;
    }

    private Optional<String> plain() {
      String value = token();
      return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    private Optional<String> quoted() {
      StringBuilder value = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          return Optional.of(value.toString());
        }
        if (c == '\\' && at + 1 < text.length()) {
          at++;
          c = text.charAt(at);
        }
        value.append(c);
      }
      return Optional.empty();
    }

    private String token() {
      int start = at;
      while (at < text.length() && isTokenCharacter(text.charAt(at))) {
        at++;
      }
      return text.substring(start, at);
    }

    private void skipSpaces() {
      while (at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
    }

    /** Whether a comma was among what was skipped. */
    private boolean skipSeparators() {
      boolean comma = false;
      while (at < text.length() && (isSpace(text.charAt(at)) || text.charAt(at) == ',')) {
        comma |= text.charAt(at) == ',';
        at++;
      }
      return comma;
    }

    private static boolean isSpace(char c) {
      return c == ' ' || c == '\t';
    }

    /**
     * RFC 9110's tchar, and what servers leave unquoted in practice: {@code :} and {@code /} of
     * realms and scopes.
     */
    private static boolean isTokenCharacter(char c) {
      return (c >= '0' && c <= '9')
          || (c >= 'A' && c <= 'Z')
          || (c >= 'a' && c <= 'z')
          || "!#$%&'*+-.^_`|~:/".indexOf(c) >= 0;
    }
  }
}
