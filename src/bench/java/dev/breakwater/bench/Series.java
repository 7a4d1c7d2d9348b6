package dev.breakwater.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What one thing measured in several rounds. Not thread-safe. */
final class Series {
  private final List<Double> values = new ArrayList<>();

  Series add(double value) {
    values.add(value);
    return this;
  }

  double median() {
    return quantile(0.5);
  }

  double min() {
    return Collections.min(values);
  }

  double max() {
    return Collections.max(values);
  }

  /** The value below which that share lies, between neighbours in proportion. */
  double quantile(double share) {
    List<Double> sorted = values.stream().sorted().toList();
    double position = share * (sorted.size() - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.size() - 1);
    return sorted.get(below) + (position - below) * (sorted.get(above) - sorted.get(below));
  }

  /** {@code median (min … max)} */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s (%s … %s)", text(median()), text(min()), text(max()));
  }

  /** A number with three digits that count. */
  static String text(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }
}
