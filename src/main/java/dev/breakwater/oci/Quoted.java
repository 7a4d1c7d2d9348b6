package dev.breakwater.oci;

/** Foreign text made fit for a message or a log line: quoted, cut, control characters escaped. */
public final class Quoted {
  private static final int MAX_LENGTH = 160;

  private Quoted() {}

  /** The text between double quotes, at most 160 characters of it, printable ASCII only. */
  public static String of(String text) {
    return '"' + escape(text) + '"';
  }

  /** The same without the quotes. */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder(Math.min(text.length(), MAX_LENGTH) + 8);
    for (int i = 0; i < text.length() && i < MAX_LENGTH; i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c > 0x7e) {
        escaped.append("\\u").append(String.format("%04x", (int) c));
      } else if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else {
        escaped.append(c);
      }
    }
    return text.length() > MAX_LENGTH ? escaped.append("...").toString() : escaped.toString();
  }
}
