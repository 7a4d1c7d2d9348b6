package dev.breakwater.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Unit;

/** Begins meters that bear the product's name. */
final class MeterBuilders {
  static final String PREFIX = "breakwater_";

  private static final double[] BOUNDS = {
    .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300
  };

  private MeterBuilders() {}

  static Counter.Builder counter(String name, String help) {
    return Counter.builder().name(PREFIX + name).help(help);
  }

  static Gauge.Builder gauge(String name, String help) {
    return Gauge.builder().name(PREFIX + name).help(help);
  }

  static Histogram.Builder histogram(String name, String help) {
    return Histogram.builder()
        .name(PREFIX + name)
        .unit(Unit.SECONDS)
        .help(help)
        .classicUpperBounds(BOUNDS);
  }
}
