package dev.breakwater.oci;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What patterns of names have in common: {@code *} is any text, slashes too, {@code ?} any
 * character but a colon, {@code [0-9a-f]} one of these.
 */
final class Glob {
  private static final Pattern CHOICE = Pattern.compile("\\[([A-Za-z0-9._](-[A-Za-z0-9])?)+]");

  private Glob() {}

  /** What matches the same names; empty if brackets in it are no choice of characters. */
  static Optional<Pattern> compile(String text) {
    StringBuilder regex = new StringBuilder();
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append("[^:]");
        case '[' -> {
          int end = text.indexOf(']', at) + 1;
          String choice = text.substring(at, Math.max(at, end));
          if (!CHOICE.matcher(choice).matches()) {
            return Optional.empty();
          }
          regex.append(choice);
          at = end - 1;
        }
        case ']' -> {
          return Optional.empty();
        }
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    // Two stars next to each other mean no more than one, and cost more.
    return Optional.of(Pattern.compile(regex.toString().replaceAll("(\\.\\*)+", ".*")));
  }
}
