package dev.breakwater.cli;

import java.util.List;
import java.util.Locale;

/** Amounts of bytes for people: {@code 1.5 GiB}. */
final class Sizes {
  private static final List<String> UNITS = List.of("bytes", "KiB", "MiB", "GiB", "TiB", "PiB");

  private Sizes() {}

  static String text(long bytes) {
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
}
