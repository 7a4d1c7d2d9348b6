package dev.breakwater.gc;

import java.time.Duration;

/** Lengths of time as an operator reads them in a log line. */
final class PlainTime {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private PlainTime() {}

  /** In the largest unit that it has two of, rounded down: {@code 45 s}, {@code 30 d}. */
  static String of(Duration time) {
    long seconds = time.toSeconds();
    if (seconds >= 2 * DAY) {
      return seconds / DAY + " d";
    }
    if (seconds >= 2 * HOUR) {
      return seconds / HOUR + " h";
    }
    return seconds >= 2 * MINUTE ? seconds / MINUTE + " min" : seconds + " s";
  }

  /** {@code 3 h ago}; {@code just now} for less than a second, or a time to come. */
  static String ago(Duration time) {
    return time.toSeconds() <= 0 ? "just now" : of(time) + " ago";
  }
}
