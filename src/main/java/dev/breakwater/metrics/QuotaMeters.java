package dev.breakwater.metrics;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** How many pulls registries still allow, by account. Thread-safe. */
public final class QuotaMeters {
  private final Gauge limits;
  private final Gauge remainders;
  private final Gauge windows;
  private final Gauge exhaustions;
  private final Map<List<String>, DoubleSupplier> pauses = new ConcurrentHashMap<>();

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
    GaugeWithCallback.builder()
        .name(MeterBuilders.PREFIX + "upstream_ratelimit_pause")
        .unit(Unit.SECONDS)
        .help("Time until the account is used for pulls again, because none is left; 0 if it is.")
        .labelNames("upstream", "account")
        .callback(
            callback ->
                pauses.forEach(
                    (labels, seconds) ->
                        callback.call(seconds.getAsDouble(), labels.getFirst(), labels.getLast())))
        .register(registry);
  }

  /** Reads when it is scraped how long an account is not used for pulls, in seconds. */
  public void watchPause(String upstream, String account, DoubleSupplier seconds) {
    pauses.put(List.of(upstream, account), seconds);
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
