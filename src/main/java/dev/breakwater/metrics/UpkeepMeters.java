package dev.breakwater.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.List;

/** The meters of what keeps the cache sound and within its bounds. Thread-safe. */
public final class UpkeepMeters {
  /** Why something of the cache was deleted; a metric label. */
  public enum Reason {
    /** Room was needed. */
    SIZE("size"),
    /** It was not used for {@code cache.maxIdle}. */
    TTL("ttl"),
    /** It belonged to nothing any more. */
    ORPHAN("orphan");

    private final String label;

    Reason(String label) {
      this.label = label;
    }
  }

  private final Counter scrubbedBytes;
  private final Counter damaged;
  private final Counter healed;
  private final Counter reconciled;
  private final Counter evicted;
  private final Counter evictedBytes;
  private final Counter sweeps;
  private final Histogram sweepDuration;
  private final Counter sweptBytes;
  private final Gauge lastSweep;
  private final Counter deletedEntries;

  UpkeepMeters(PrometheusRegistry registry) {
    scrubbedBytes =
        MeterBuilders.counter("scrubbed_bytes", "Bytes of stored blobs checked for disk damage.")
            .register(registry);
    damaged =
        MeterBuilders.counter("blobs_damaged", "Stored blobs found damaged.")
            .labelNames("origin")
            .register(registry);
    healed =
        MeterBuilders.counter("blobs_healed", "Damaged blobs that were fetched again.")
            .register(registry);
    reconciled =
        MeterBuilders.counter(
                "reconcile_findings", "Differences between files and index found after the start.")
            .labelNames("kind")
            .register(registry);
    evicted =
        MeterBuilders.counter("evicted", "Blobs and unfinished downloads deleted, by reason.")
            .labelNames("reason")
            .register(registry);
    evictedBytes =
        MeterBuilders.counter(
                "evicted_bytes", "Bytes of blobs and unfinished downloads deleted, by reason.")
            .labelNames("reason")
            .register(registry);
    sweeps =
        MeterBuilders.counter("gc_runs", "Garbage collection runs, by outcome.")
            .labelNames("outcome")
            .register(registry);
    sweepDuration =
        MeterBuilders.histogram("gc_duration", "Duration of garbage collection runs.")
            .register(registry);
    sweptBytes =
        MeterBuilders.counter("gc_freed_bytes", "Bytes deleted by garbage collection.")
            .register(registry);
    deletedEntries =
        MeterBuilders.counter(
                "gc_deleted_entries",
                "Unused index entries deleted by garbage collection, by kind.")
            .labelNames("kind")
            .register(registry);
    lastSweep =
        MeterBuilders.gauge(
                "gc_last_success_timestamp", "When the last complete garbage collection ended.")
            .unit(Unit.SECONDS)
            .register(registry);
  }

  void startAtZero() {
    for (String outcome : List.of("done", "stopped", "failed")) {
      sweeps.labelValues(outcome).inc(0);
    }
    for (String kind : List.of("manifest", "tag", "referrers", "link")) {
      deletedEntries.labelValues(kind).inc(0);
    }
    for (Reason reason : Reason.values()) {
      evicted.labelValues(reason.label).inc(0);
      evictedBytes.labelValues(reason.label).inc(0);
    }
    damaged.labelValues("cached").inc(0);
    damaged.labelValues("pushed").inc(0);
  }

  /** Stored bytes have been hashed again. */
  public void scrubbed(long bytes) {
    scrubbedBytes.inc(bytes);
  }

  /** A stored blob is bad, and whether it was pushed here, so that there is no other copy. */
  public void blobDamaged(boolean pushed) {
    damaged.labelValues(pushed ? "pushed" : "cached").inc();
  }

  /** A damaged blob is good again. */
  public void blobHealed() {
    healed.inc();
  }

  /** Files and index did not agree; {@code kind} is one of a closed set of words. */
  public void reconciled(String kind) {
    reconciled.labelValues(kind).inc();
  }

  /** A sweep ended; {@code outcome} is {@code done}, {@code stopped} or {@code failed}. */
  public void swept(String outcome, double seconds, long freedBytes) {
    sweeps.labelValues(outcome).inc();
    sweepDuration.observe(seconds);
    sweptBytes.inc(freedBytes);
    if (outcome.equals("done")) {
      lastSweep.set(System.currentTimeMillis() / 1e3);
    }
  }

  /** A sweep deleted an entry; {@code kind} is one of a closed set of words. */
  public void entryDeleted(String kind) {
    deletedEntries.labelValues(kind).inc();
  }

  /** A blob or the rest of a download was deleted. */
  public void evicted(Reason reason, long bytes) {
    evicted.labelValues(reason.label).inc();
    evictedBytes.labelValues(reason.label).inc(bytes);
  }
}
