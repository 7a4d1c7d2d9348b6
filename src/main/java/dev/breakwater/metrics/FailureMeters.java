package dev.breakwater.metrics;

import dev.breakwater.oci.FailureCause;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumMap;
import java.util.Map;

/** How many requests failed, by the cause that their lines of the access log have. Thread-safe. */
public final class FailureMeters {
  private final Map<FailureCause, CounterDataPoint> causes = new EnumMap<>(FailureCause.class);

  FailureMeters(PrometheusRegistry registry) {
    Counter failed =
        MeterBuilders.counter(
                "failed_requests", "Requests that failed, by the cause that the access log names.")
            .labelNames("cause")
            .register(registry);
    for (FailureCause cause : FailureCause.values()) {
      CounterDataPoint counted = failed.labelValues(cause.word());
      counted.inc(0);
      causes.put(cause, counted);
    }
  }

  /** A request has failed. */
  public void failed(FailureCause cause) {
    CounterDataPoint counted = causes.get(cause);
    if (counted != null) {
      counted.inc();
    }
  }
}
