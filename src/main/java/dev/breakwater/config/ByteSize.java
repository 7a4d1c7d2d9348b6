package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of bytes.
 *
 * @param bytes zero or more
 */
public record ByteSize(long bytes) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,6})?)([A-Za-z]+)");
  private static final List<String> BINARY = List.of("B", "KiB", "MiB", "GiB", "TiB");
  private static final Map<String, Long> UNITS =
      Map.of(
          "B", 1L,
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30,
          "TiB", 1L << 40,
          "KB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "TB", 1_000_000_000_000L);

  /** Refuses a negative amount. */
  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size is not negative: " + bytes);
    }
  }

  /** Reads {@code 50GiB}, {@code 1.5TB}, {@code 512B}; a part of a byte is dropped. */
  public static ByteSize parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is not a size; write a number and B, KiB, MiB, GiB, TiB, KB, MB, GB or TB,"
              + " for example 50GiB");
    }
    BigInteger bytes =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).toBigInteger();
    if (bytes.bitLength() > 62) {
      throw new IllegalArgumentException(Quoted.of(text) + " is too large; no disk holds that");
    }
    return new ByteSize(bytes.longValueExact());
  }

  /** The exact amount in the largest binary unit that divides it: {@code 50GiB}. */
  @Override
  public String toString() {
    long count = bytes;
    int unit = 0;
    while (count != 0 && count % 1024 == 0 && unit < BINARY.size() - 1) {
      count /= 1024;
      unit++;
    }
    return count + BINARY.get(unit);
  }
}
