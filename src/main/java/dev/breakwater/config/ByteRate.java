package dev.breakwater.config;

import dev.breakwater.oci.Quoted;

/**
 * Bytes a second.
 *
 * @param bytesPerSecond zero for never
 */
public record ByteRate(long bytesPerSecond) {
  private static final String PER_SECOND = "/s";
  private static final String OFF = "off";

  /** Reads {@code 10MiB/s}, or {@code off}. */
  public static ByteRate parse(String text) {
    if (text.equals(OFF)) {
      return new ByteRate(0);
    }
    if (text.endsWith(PER_SECOND)) {
      try {
        long bytes = ByteSize.parse(text.substring(0, text.length() - PER_SECOND.length())).bytes();
        if (bytes > 0) {
          return new ByteRate(bytes);
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(refusal(text), e);
      }
    }
    throw new IllegalArgumentException(refusal(text));
  }

  private static String refusal(String text) {
    return Quoted.of(text) + " is not a rate; write for example 10MiB/s, or off";
  }

  @Override
  public String toString() {
    return bytesPerSecond == 0 ? OFF : new ByteSize(bytesPerSecond) + PER_SECOND;
  }
}
