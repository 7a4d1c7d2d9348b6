package dev.breakwater.fuzz;

import java.nio.charset.StandardCharsets;

/** The bytes of an input, as the texts that a target takes. */
public final class FuzzText {
  private FuzzText() {}

  /** Each byte as one character, like the headers of a request. */
  public static String of(byte[] input) {
    return new String(input, StandardCharsets.ISO_8859_1);
  }

  /** The lines of it, as many as are asked for; those that are missing are empty. */
  public static String[] lines(byte[] input, int count) {
    String[] lines = new String[count];
    String rest = of(input);
    for (int i = 0; i < count; i++) {
      int end = i == count - 1 ? -1 : rest.indexOf('\n');
      lines[i] = end < 0 ? rest : rest.substring(0, end);
      rest = end < 0 ? "" : rest.substring(end + 1);
    }
    return lines;
  }
}
