package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.TagPattern;
import java.time.Duration;

/**
 * For how long some tags are fresh.
 *
 * @param pattern which ones
 * @param time for how long
 */
public record TagTtl(TagPattern pattern, Duration time) {
  /** Reads {@code *:latest=60s}. */
  static TagTtl parse(String text) {
    int equals = text.lastIndexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " has no time; write PATTERN=TIME, for example *:latest=60s");
    }
    return new TagTtl(
        TagPattern.parse(text.substring(0, equals)),
        DurationText.parse(text.substring(equals + 1)));
  }
}
