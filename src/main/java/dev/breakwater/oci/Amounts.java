package dev.breakwater.oci;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Amounts as people read them in log lines, messages and tables. */
public final class Amounts {
  private static final List<String> UNITS = List.of("bytes", "KiB", "MiB", "GiB", "TiB", "PiB");
  private static final int DECIMALS = 3;
  private static final MathContext DIGITS = new MathContext(3, RoundingMode.HALF_UP);

  private Amounts() {}

  /** Bytes in the largest unit that leaves a number above 1: {@code 1.5 GiB}. */
  public static String bytes(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= 1024 && unit < UNITS.size() - 1) {
      amount /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " bytes"
        : String.format(Locale.ROOT, "%.1f %s", amount, UNITS.get(unit));
  }

  /** A time in seconds: {@code 25 s}, {@code 1.234 s}, {@code 0.000213 s}. */
  public static String seconds(Duration time) {
    return number(BigDecimal.valueOf(time.toNanos(), 9)) + " s";
  }

  /**
   * A number to three decimals, and to three digits if it is smaller than that: {@code 1.234},
   * {@code 0.0123}, {@code 0.000213}. Never with an exponent.
   *
   * @param number finite
   */
  public static String number(double number) {
    return number(BigDecimal.valueOf(number));
  }

  /** {@code 1 transfer}, {@code 2 transfers}. */
  public static String count(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private static String number(BigDecimal exact) {
    BigDecimal rounded =
        exact.abs().compareTo(BigDecimal.valueOf(1, 1)) >= 0
            ? exact.setScale(DECIMALS, RoundingMode.HALF_UP)
            : exact.round(DIGITS);
    return rounded.stripTrailingZeros().toPlainString();
  }
}
