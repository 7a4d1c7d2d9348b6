package dev.breakwater.upstream;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** Reads {@code Retry-After}: seconds or a date (RFC 9110 §10.2.3). */
final class RetryAfter {
  /** No registry may silence us for longer. */
  private static final Duration LONGEST = Duration.ofHours(24);

  private RetryAfter() {}

  /** How long to wait, from now; empty if the header is neither. */
  static Optional<Duration> parse(String header, Instant now) {
    String text = header.strip();
    if (text.matches("[0-9]{1,18}")) {
      return Optional.of(clamp(Duration.ofSeconds(Math.min(Long.parseLong(text), 1L << 32))));
    }
    try {
      Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(clamp(Duration.between(now, date)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Duration clamp(Duration duration) {
    if (duration.isNegative()) {
      return Duration.ZERO;
    }
    return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
  }
}
