package dev.breakwater.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** The meters of blob downloads. Thread-safe. */
public final class DownloadMeters {
  private final Gauge inflight;
  private final Gauge waiters;
  private final Counter resumed;
  private final Counter abandoned;
  private final Counter uncached;
  private final Counter droppedReaders;
  private final Counter prefetches;

  DownloadMeters(PrometheusRegistry registry) {
    inflight =
        MeterBuilders.gauge("downloads_inflight", "Running downloads of blobs.")
            .labelNames("upstream")
            .register(registry);
    waiters =
        MeterBuilders.gauge(
                "download_waiters", "Answers to clients that are fed by a running download.")
            .register(registry);
    resumed =
        MeterBuilders.counter("downloads_resumed", "Transfers resumed after they broke.")
            .register(registry);
    abandoned =
        MeterBuilders.counter(
                "downloads_abandoned", "Downloads stopped because every client had left.")
            .register(registry);
    uncached =
        MeterBuilders.counter(
                "downloads_uncached",
                "Downloads streamed to clients without being cached, because of the disk.")
            .register(registry);
    droppedReaders =
        MeterBuilders.counter(
                "download_dropped_readers",
                "Answers cut short because they held up all others of an uncached download.")
            .register(registry);
    prefetches =
        MeterBuilders.counter(
                "prefetches", "Blobs fetched because a manifest names them, before a client asked.")
            .labelNames("upstream")
            .register(registry);
  }

  void startAtZero(String upstream) {
    inflight.labelValues(upstream).set(0);
    prefetches.labelValues(upstream).inc(0);
  }

  /** A blob download has begun. */
  public void begun(String upstream) {
    inflight.labelValues(upstream).inc();
  }

  /** A blob download has ended, well or not. */
  public void ended(String upstream) {
    inflight.labelValues(upstream).dec();
  }

  /** An answer follows a download. */
  public void waiterJoined() {
    waiters.inc();
  }

  /** An answer no longer follows a download. */
  public void waiterLeft() {
    waiters.dec();
  }

  /** A transfer goes on where one broke. */
  public void resumed() {
    resumed.inc();
  }

  /** A download stops because no client is left. */
  public void abandoned() {
    abandoned.inc();
  }

  /** A download will not be kept, because the disk refuses or has no room. */
  public void uncached() {
    uncached.inc();
  }

  /** An answer is cut short because it held up the others of a download that is not kept. */
  public void readerDropped() {
    droppedReaders.inc();
  }

  /** A blob is fetched before anyone asked. */
  public void prefetched(String upstream) {
    prefetches.labelValues(upstream).inc();
  }
}
