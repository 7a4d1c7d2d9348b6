package dev.breakwater.upstream;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads {@code Link: <…>; rel="next"} (RFC 8288), which registries use for nothing else. */
final class NextPage {
  private NextPage() {}

  /** The address of the next page as it stands there; empty if there is none. */
  static Optional<String> in(List<String> links) {
    for (String line : links) {
      int at = 0;
      while (true) {
        int open = line.indexOf('<', at);
        int close = open < 0 ? -1 : line.indexOf('>', open);
        if (close < 0) {
          break;
        }
        int end = line.indexOf('<', close);
        String parameters = line.substring(close + 1, end < 0 ? line.length() : end);
        if (isNext(parameters)) {
          return Optional.of(line.substring(open + 1, close));
        }
        at = close + 1;
      }
    }
    return Optional.empty();
  }

  private static boolean isNext(String parameters) {
    String compact = parameters.toLowerCase(Locale.ROOT).replace(" ", "").replace("\"", "");
    int rel = compact.indexOf(";rel=next");
    int end = rel + ";rel=next".length();
    return rel >= 0 && (end == compact.length() || ";,".indexOf(compact.charAt(end)) >= 0);
  }
}
