package dev.breakwater.http;

import dev.breakwater.oci.Quoted;

/** Text of a client or an upstream registry on its way into a log line: escaped and bounded. */
final class LogText {
  /** The longest field of a client in a log line, in characters. */
  static final int MAX_FIELD = 256;

  /** The longest error message in a log line, in characters; it may quote several fields. */
  static final int MAX_MESSAGE = 1024;

  private static final String ELLIPSIS = "...";

  private LogText() {}

  /** One field that a client sent: printable ASCII, at most {@link #MAX_FIELD} characters. */
  static String clean(String text) {
    return clean(text, MAX_FIELD);
  }

  /** An error message: printable ASCII, at most {@link #MAX_MESSAGE} characters. */
  static String message(String text) {
    return clean(text, MAX_MESSAGE);
  }

  private static String clean(String text, int limit) {
    String clean = isPrintable(text) ? text : Quoted.escape(text);
    return clean.length() <= limit
        ? clean
        : clean.substring(0, limit - ELLIPSIS.length()) + ELLIPSIS;
  }

  private static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < 0x20 || text.charAt(i) > 0x7e) {
        return false;
      }
    }
    return true;
  }
}
