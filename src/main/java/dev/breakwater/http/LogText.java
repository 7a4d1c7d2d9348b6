package dev.breakwater.http;

import dev.breakwater.oci.Quoted;

/** Foreign text on its way into a log line. */
final class LogText {
  private LogText() {}

  /** The text itself if it is printable ASCII, else escaped and cut (log injection). */
  static String clean(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < 0x20 || text.charAt(i) > 0x7e) {
        return Quoted.escape(text);
      }
    }
    return text;
  }
}
