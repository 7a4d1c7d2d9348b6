package dev.breakwater.metrics;

import dev.breakwater.oci.DiskReason;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;

/**
 * The state of the background threads: as metrics, and for the details of a health check. A thread
 * is known by a name from a closed set. Thread-safe.
 */
public final class BackgroundMeters {
  private final Counter failures;
  private final Gauge running;

  /** Why a thread does not do its work at the moment, by its name. */
  private final Map<String, String> failing = new ConcurrentSkipListMap<>();

  BackgroundMeters(PrometheusRegistry registry) {
    failures =
        MeterBuilders.counter(
                "background_failures", "Errors that interrupted a background thread's work.")
            .labelNames("thread")
            .register(registry);
    running =
        MeterBuilders.gauge(
                "background_running",
                "Whether a background thread does its work (1) or failed at its last try (0).")
            .labelNames("thread")
            .register(registry);
  }

  /** The thread begins its work. */
  public void started(String thread) {
    failures.labelValues(thread).inc(0);
    running.labelValues(thread).set(1);
  }

  /** The work failed; it is tried again later. */
  public void failed(String thread, Throwable cause) {
    failures.labelValues(thread).inc();
    running.labelValues(thread).set(0);
    failing.put(thread, DiskReason.of(cause));
  }

  /** The work succeeds again. */
  public void succeeded(String thread) {
    if (failing.remove(thread) != null) {
      running.labelValues(thread).set(1);
    }
  }

  /** Which threads fail and why, for the details of a health check; empty if none does. */
  public Optional<String> degradation() {
    String text =
        failing.entrySet().stream()
            .map(entry -> entry.getKey() + " failed and is retried: " + entry.getValue())
            .collect(Collectors.joining("; "));
    return text.isEmpty() ? Optional.empty() : Optional.of(text.replaceAll("\\p{Cntrl}", " "));
  }
}
