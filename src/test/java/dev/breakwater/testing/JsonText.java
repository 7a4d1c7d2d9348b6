package dev.breakwater.testing;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Pieces of JSON as text; the fixtures write their documents themselves, byte for byte. */
final class JsonText {
  private JsonText() {}

  /** A JSON string. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** A JSON object of strings, in the map's order. */
  static String object(Map<String, String> members) {
    return members.entrySet().stream()
        .map(member -> quote(member.getKey()) + ":" + quote(member.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** The body of an error in the registry's format. */
  static String error(String code, String message) {
    return "{\"errors\":[{\"code\":" + quote(code) + ",\"message\":" + quote(message) + "}]}";
  }
}
