package dev.breakwater.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one of Docker Hub's {@code ratelimit-*} headers says: {@code 100;w=21600}.
 *
 * @param count of pulls
 * @param window the time they are for; empty if it does not say
 */
record RateLimit(long count, Optional<Duration> window) {
  private static final Pattern HEADER =
      Pattern.compile("\\s*([0-9]{1,15})\\s*(?:[;,].*)?", Pattern.DOTALL);
  private static final Pattern WINDOW = Pattern.compile("[;,]\\s*w\\s*=\\s*([0-9]{1,9})\\b");

  /** Reads a header; empty if it is none. */
  static Optional<RateLimit> parse(String header) {
    Matcher number = HEADER.matcher(header);
    if (!number.matches()) {
      return Optional.empty();
    }
    Matcher window = WINDOW.matcher(header);
    Optional<Duration> time =
        window.find()
            ? Optional.of(Duration.ofSeconds(Long.parseLong(window.group(1))))
            : Optional.empty();
    return Optional.of(
        new RateLimit(
            Long.parseLong(number.group(1)), time.filter(duration -> duration.isPositive())));
  }
}
