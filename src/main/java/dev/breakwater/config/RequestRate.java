package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A limit of requests within a time.
 *
 * @param requests at least 1
 * @param time of which every stretch has no more
 */
public record RequestRate(int requests, Duration time) {
  private static final Pattern SYNTAX = Pattern.compile("([1-9][0-9]{0,4})/([smh])");
  private static final int MOST = 10_000;

  /** Reads {@code 20/s}; empty for {@code off}. */
  static Optional<RequestRate> parse(String text) {
    if (text.equals("off")) {
      return Optional.empty();
    }
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > MOST) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is not a rate of requests; write off, or a number up to "
              + MOST
              + " for each second, minute or hour, for example 20/s, 300/m or 5000/h");
    }
    Duration time =
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(1);
          case "m" -> Duration.ofMinutes(1);
          default -> Duration.ofHours(1);
        };
    return Optional.of(new RequestRate(Integer.parseInt(matcher.group(1)), time));
  }
}
