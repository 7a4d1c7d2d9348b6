package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as the configuration writes them: {@code 500ms}, {@code 60s}, {@code 5m}, {@code 30d}. */
final class DurationText {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

  private DurationText() {}

  /** The same for a time in which something must happen. */
  static Duration parseAboveZero(String text) {
    Duration time = parse(text);
    if (time.isZero()) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is no time at all; write more than zero");
    }
    return time;
  }

  static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is not a time; write a number and ms, s, m, h or d, for example 60s");
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
