package dev.breakwater.metrics;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;

/** How many pulls registries still allow, by account. Thread-safe. */
public final class QuotaMeters {
  private final Gauge limits;
  private final Gauge remainders;
  private final Gauge windows;
  private final Gauge exhaustions;

  QuotaMeters(PrometheusRegistry registry) {
    limits =
        MeterBuilders.gauge(
                "upstream_ratelimit_limit", "Pulls the registry allows the account in a window.")
            .labelNames("upstream", "account")
            .register(registry);
    remainders =
        MeterBuilders.gauge(
                "upstream_ratelimit_remaining",
                "Pulls left in the window, as the registry last said.")
            .labelNames("upstream", "account")
            .register(registry);
    windows =
        MeterBuilders.gauge("upstream_ratelimit_window", "Length of the window.")
            .unit(Unit.SECONDS)
            .labelNames("upstream", "account")
            .register(registry);
    exhaustions =
        MeterBuilders.gauge(
                "upstream_ratelimit_exhaustion",
                "Time until no pull is left, at the rate of the last quarter of an hour.")
            .unit(Unit.SECONDS)
            .labelNames("upstream", "account")
            .register(registry);
  }

  /** What the registry said of an account's pulls; {@code account} is one of the configured. */
  public void told(
      String upstream,
      String account,
      long limit,
      long remaining,
      long windowSeconds,
      double exhaustedInSeconds) {
    limits.labelValues(upstream, account).set((double) limit);
    remainders.labelValues(upstream, account).set((double) remaining);
    windows.labelValues(upstream, account).set((double) windowSeconds);
    exhaustions.labelValues(upstream, account).set(exhaustedInSeconds);
  }
}
