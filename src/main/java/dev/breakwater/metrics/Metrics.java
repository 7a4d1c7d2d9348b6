package dev.breakwater.metrics;

import com.github.benmanes.caffeine.cache.Cache;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ContentKind;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Every meter of the product. Labels come from closed sets only: the configured registries, and the
 * enums of the vocabulary; never a repository, tag, digest or address (one name per request would
 * make as many time series). Thread-safe; recording costs some tens of nanoseconds.
 *
 * <p>{@code upstream} is everywhere the configured registry's name, or {@link #LOCAL} for what
 * concerns none.
 */
public final class Metrics implements AutoCloseable {
  /** The label {@code upstream} of requests that concern no registry. */
  public static final String LOCAL = "local";

  /** Where bytes that were served came from; a metric label. */
  public enum Source {
    /** A complete blob or manifest of the cache. */
    CACHE("cache"),
    /** A download under way. */
    STREAM("stream");

    private final String label;

    Source(String label) {
      this.label = label;
    }
  }

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

  private static final String PREFIX = "breakwater_";

  /** What registries are asked for. */
  private static final List<ContentKind> ASKED =
      List.of(ContentKind.MANIFEST, ContentKind.BLOB, ContentKind.TAGS, ContentKind.REFERRERS);

  private static final double[] BOUNDS = {
    .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusMeterRegistry platform =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, registry, Clock.SYSTEM);
  private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

  private final Counter requests =
      counter("requests", "Requests answered.")
          .labelNames("upstream", "kind", "method", "result", "code_class")
          .register(registry);
  private final Histogram requestDuration =
      histogram("request_duration", "Time from a request's head to the last byte of its answer.")
          .labelNames("kind", "result")
          .register(registry);
  private final Histogram firstByte =
      histogram("first_byte", "Time from a request's head to the first byte of its answer.")
          .labelNames("kind", "result")
          .register(registry);
  private final Counter servedBytes =
      counter("served_bytes", "Body bytes sent to clients.")
          .labelNames("upstream", "kind", "source")
          .register(registry);
  private final Counter fetchedBytes =
      counter("fetched_bytes", "Body bytes received from upstream.")
          .labelNames("upstream", "kind")
          .register(registry);
  private final Counter upstreamRequests =
      counter("upstream_requests", "Requests sent upstream, by how they ended.")
          .labelNames("upstream", "kind", "outcome")
          .register(registry);
  private final Histogram upstreamDuration =
      histogram("upstream_duration", "Time until the head of upstream's answer was there.")
          .labelNames("upstream", "kind")
          .register(registry);
  private final Counter staleAnswers =
      counter("stale_answers", "Old answers given because there was no new one, by the reason.")
          .labelNames("upstream", "reason")
          .register(registry);
  private final Counter upstreamSpared =
      counter(
              "upstream_spared_requests",
              "Requests not sent upstream because they would have failed, by what was wrong.")
          .labelNames("upstream", "kind", "outcome")
          .register(registry);
  private final Gauge upstreamBreaker =
      gauge(
              "upstream_breaker_state",
              "Whether upstream is asked (0), tried by one request at a time (1) or left alone"
                  + " (2).")
          .labelNames("upstream", "kind")
          .register(registry);
  private final Gauge quotaLimit =
      gauge("upstream_ratelimit_limit", "Pulls the registry allows the account in a window.")
          .labelNames("upstream", "account")
          .register(registry);
  private final Gauge quotaRemaining =
      gauge("upstream_ratelimit_remaining", "Pulls that were left of them when it last said so.")
          .labelNames("upstream", "account")
          .register(registry);
  private final Gauge quotaWindow =
      gauge("upstream_ratelimit_window", "How long the window is.")
          .unit(Unit.SECONDS)
          .labelNames("upstream", "account")
          .register(registry);
  private final Gauge quotaExhaustion =
      gauge(
              "upstream_ratelimit_exhaustion",
              "Time until no pull is left, at the rate of the last quarter of an hour.")
          .unit(Unit.SECONDS)
          .labelNames("upstream", "account")
          .register(registry);
  private final Gauge upstreamUp =
      gauge("upstream_up", "Whether upstream's last answer was a sound one (1) or not (0).")
          .labelNames("upstream")
          .register(registry);
  private final Gauge upstreamLastSuccess =
      gauge("upstream_last_success_timestamp", "When upstream last gave a sound answer.")
          .unit(Unit.SECONDS)
          .labelNames("upstream")
          .register(registry);
  private final Gauge downloadsInflight =
      gauge("downloads_inflight", "Blob downloads under way.")
          .labelNames("upstream")
          .register(registry);
  private final Gauge downloadWaiters =
      gauge("download_waiters", "Answers that follow a download under way.").register(registry);
  private final Counter downloadsResumed =
      counter("downloads_resumed", "Transfers taken up again where they broke.").register(registry);
  private final Counter downloadsAbandoned =
      counter("downloads_abandoned", "Downloads stopped because every client had left.")
          .register(registry);
  private final Counter downloadsUncached =
      counter("downloads_uncached", "Downloads passed through because the disk had no room.")
          .register(registry);
  private final Counter laggards =
      counter(
              "download_laggards",
              "Answers cut short because they held up all others of a download that passes"
                  + " through.")
          .register(registry);
  private final Counter prefetches =
      counter("prefetches", "Blobs fetched because a manifest named them, before anyone asked.")
          .labelNames("upstream")
          .register(registry);
  private final Counter coalesced =
      counter("coalesced_requests", "Requests that joined one already under way to upstream.")
          .labelNames("kind")
          .register(registry);
  private final Counter digestMismatches =
      counter("digest_mismatch", "Bodies from upstream that did not hash to their digest.")
          .labelNames("upstream")
          .register(registry);
  private final Counter scrubbedBytes =
      counter("scrubbed_bytes", "Bytes of stored blobs that were read and hashed again.")
          .register(registry);
  private final Counter damaged =
      counter("blobs_damaged", "Stored blobs whose bytes turned out to be bad.")
          .labelNames("origin")
          .register(registry);
  private final Counter healed =
      counter("blobs_healed", "Damaged blobs that were fetched again.").register(registry);
  private final Counter reconciled =
      counter("reconcile_findings", "What files and index did not agree on at the start.")
          .labelNames("kind")
          .register(registry);
  private final Counter evicted =
      counter("evicted", "Blobs, and rests of downloads, that were deleted.")
          .labelNames("reason")
          .register(registry);
  private final Counter evictedBytes =
      counter("evicted_bytes", "Their bytes.").labelNames("reason").register(registry);
  private final Counter sweeps =
      counter("gc_runs", "Sweeps that ended, by how.").labelNames("outcome").register(registry);
  private final Histogram sweepDuration =
      histogram("gc_duration", "How long sweeps took.").register(registry);
  private final Counter sweptBytes =
      counter("gc_freed_bytes", "Bytes that sweeps deleted.").register(registry);
  private final Gauge lastSweep =
      gauge("gc_last_success_timestamp", "When the last sweep ended that did all it should.")
          .unit(Unit.SECONDS)
          .register(registry);
  private final Counter rejected =
      counter("rejected_requests", "Requests refused before they were looked at.")
          .labelNames("reason")
          .register(registry);

  /** Distribution's five names, so that dashboards made for it go on working. */
  private final ProxyAliases aliases = new ProxyAliases(registry);

  /** Registers everything and the JVM's own meters, with the given version in build_info. */
  public Metrics(String version, List<String> upstreams) {
    Info.builder()
        .name(PREFIX + "build_info")
        .help("The version that runs.")
        .labelNames("version", "java")
        .register(registry)
        .setLabelValues(version, Runtime.version().toString());
    new ClassLoaderMetrics().bindTo(platform);
    new JvmMemoryMetrics().bindTo(platform);
    new JvmThreadMetrics().bindTo(platform);
    new ProcessorMetrics().bindTo(platform);
    new UptimeMetrics().bindTo(platform);
    new FileDescriptorMetrics().bindTo(platform);
    gcMetrics.bindTo(platform);
    startAtZero(upstreams);
  }

  /** Where everything is registered, for the endpoint that exposes it. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /** An answer has ended, well or not. */
  public void requestEnded(
      String upstream,
      ContentKind kind,
      String method,
      CacheResult result,
      int status,
      double seconds) {
    requests.labelValues(upstream, kind.label(), method, result.label(), codeClass(status)).inc();
    requestDuration.labelValues(kind.label(), result.label()).observe(seconds);
    aliases.requestEnded(upstream, kind, result);
  }

  /** The first byte of an answer has left. */
  public void firstByte(ContentKind kind, CacheResult result, double seconds) {
    firstByte.labelValues(kind.label(), result.label()).observe(seconds);
  }

  /** Body bytes have left. */
  public void served(String upstream, ContentKind kind, Source source, long bytes) {
    servedBytes.labelValues(upstream, kind.label(), source.label).inc(bytes);
    aliases.served(upstream, kind, bytes);
  }

  /** Body bytes have come from upstream. */
  public void fetched(String upstream, ContentKind kind, long bytes) {
    fetchedBytes.labelValues(upstream, kind.label()).inc(bytes);
    aliases.fetched(upstream, kind, bytes);
  }

  /** A request to upstream has ended; {@code outcome} is one of a closed set of words. */
  public void upstreamRequestEnded(String upstream, ContentKind kind, String outcome) {
    upstreamRequests.labelValues(upstream, kind.label(), outcome).inc();
  }

  /** An old answer was given; {@code reason} is one of a closed set of words. */
  public void stale(String upstream, String reason) {
    staleAnswers.labelValues(upstream, reason).inc();
  }

  /** What the registry said of an account's pulls; {@code account} is one of the configured. */
  public void upstreamQuota(
      String upstream,
      String account,
      long limit,
      long remaining,
      long windowSeconds,
      double exhaustedInSeconds) {
    quotaLimit.labelValues(upstream, account).set((double) limit);
    quotaRemaining.labelValues(upstream, account).set((double) remaining);
    quotaWindow.labelValues(upstream, account).set((double) windowSeconds);
    quotaExhaustion.labelValues(upstream, account).set(exhaustedInSeconds);
  }

  /** A request was not sent, because it would have ended so. */
  public void upstreamSpared(String upstream, ContentKind kind, String outcome) {
    upstreamSpared.labelValues(upstream, kind.label(), outcome).inc();
  }

  /** Requests of that kind are sent (0), sent one at a time by way of trial (1) or not (2). */
  public void upstreamBreaker(String upstream, ContentKind kind, int state) {
    upstreamBreaker.labelValues(upstream, kind.label()).set(state);
  }

  /** The head of upstream's answer is there. */
  public void upstreamAnswered(String upstream, ContentKind kind, double seconds) {
    upstreamDuration.labelValues(upstream, kind.label()).observe(seconds);
  }

  /** Upstream has answered soundly, or has not. */
  public void upstreamHealth(String upstream, boolean up, double epochSeconds) {
    upstreamUp.labelValues(upstream).set(up ? 1 : 0);
    if (up) {
      upstreamLastSuccess.labelValues(upstream).set(epochSeconds);
    }
  }

  /** A blob download has begun. */
  public void downloadBegun(String upstream) {
    downloadsInflight.labelValues(upstream).inc();
  }

  /** A blob download has ended, well or not. */
  public void downloadEnded(String upstream) {
    downloadsInflight.labelValues(upstream).dec();
  }

  /** An answer follows a download. */
  public void waiterJoined() {
    downloadWaiters.inc();
  }

  /** An answer no longer follows a download. */
  public void waiterLeft() {
    downloadWaiters.dec();
  }

  /** A transfer goes on where one broke. */
  public void downloadResumed() {
    downloadsResumed.inc();
  }

  /** A download stops because nobody wants it any more. */
  public void downloadAbandoned() {
    downloadsAbandoned.inc();
  }

  /** A download will not be kept, because the disk refuses or has no room. */
  public void downloadUncached() {
    downloadsUncached.inc();
  }

  /** An answer is cut short because it held up the others of a download that is not kept. */
  public void laggardLeftBehind() {
    laggards.inc();
  }

  /** A blob is fetched before anyone asked. */
  public void prefetched(String upstream) {
    prefetches.labelValues(upstream).inc();
  }

  /** A request joined one already under way. */
  public void coalesced(ContentKind kind) {
    coalesced.labelValues(kind.label()).inc();
  }

  /** A body from upstream had the wrong digest. */
  public void digestMismatch(String upstream) {
    digestMismatches.labelValues(upstream).inc();
  }

  /** Stored bytes have been hashed again. */
  public void scrubbed(long bytes) {
    scrubbedBytes.inc(bytes);
  }

  /** A stored blob is bad, and whether it was pushed here, so that nobody has another copy. */
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

  /** A blob or the rest of a download was deleted. */
  public void evicted(Reason reason, long bytes) {
    evicted.labelValues(reason.label).inc();
    evictedBytes.labelValues(reason.label).inc(bytes);
  }

  /** A request was refused by the front filter; {@code reason} is one of a closed set of words. */
  public void rejected(String reason) {
    rejected.labelValues(reason).inc();
  }

  /** Registers a gauge that is read when it is scraped; {@code name} without the prefix. */
  public void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** The same for several values that differ in one label, from a closed set. */
  public void gauge(String name, String help, String label, Map<String, DoubleSupplier> values) {
    GaugeWithCallback.builder()
        .name(PREFIX + name)
        .help(help)
        .labelNames(label)
        .callback(
            callback -> values.forEach((key, value) -> callback.call(value.getAsDouble(), key)))
        .register(registry);
  }

  /** Hits, misses, evictions and size of a cache in memory, as {@code cache_*} of this name. */
  public void watch(String name, Cache<?, ?> cache) {
    CaffeineCacheMetrics.monitor(platform, cache, name);
  }

  private void startAtZero(List<String> upstreams) {
    for (String upstream : upstreams) {
      upstreamUp.labelValues(upstream).set(1);
      downloadsInflight.labelValues(upstream).set(0);
      digestMismatches.labelValues(upstream).inc(0);
      prefetches.labelValues(upstream).inc(0);
      for (ContentKind kind : ASKED) {
        upstreamBreaker.labelValues(upstream, kind.label()).set(0);
      }
      for (ContentKind kind : List.of(ContentKind.MANIFEST, ContentKind.BLOB)) {
        fetchedBytes.labelValues(upstream, kind.label()).inc(0);
        for (Source source : Source.values()) {
          servedBytes.labelValues(upstream, kind.label(), source.label).inc(0);
        }
        for (String method : List.of("GET", "HEAD")) {
          for (CacheResult result : CacheResult.values()) {
            String codeClass = result == CacheResult.ERROR ? "5xx" : "2xx";
            requests.labelValues(upstream, kind.label(), method, result.label(), codeClass).inc(0);
          }
        }
      }
      aliases.startAtZero(upstream);
    }
    for (String outcome : List.of("done", "stopped", "failed")) {
      sweeps.labelValues(outcome).inc(0);
    }
    for (Reason reason : Reason.values()) {
      evicted.labelValues(reason.label).inc(0);
      evictedBytes.labelValues(reason.label).inc(0);
    }
    damaged.labelValues("cached").inc(0);
    damaged.labelValues("pushed").inc(0);
    for (ContentKind kind : ContentKind.values()) {
      coalesced.labelValues(kind.label()).inc(0);
    }
  }

  private static String codeClass(int status) {
    return switch (status / 100) {
      case 1 -> "1xx";
      case 2 -> "2xx";
      case 3 -> "3xx";
      case 4 -> "4xx";
      default -> "5xx";
    };
  }

  private static Counter.Builder counter(String name, String help) {
    return Counter.builder().name(PREFIX + name).help(help);
  }

  private static Gauge.Builder gauge(String name, String help) {
    return Gauge.builder().name(PREFIX + name).help(help);
  }

  private static Histogram.Builder histogram(String name, String help) {
    return Histogram.builder()
        .name(PREFIX + name)
        .unit(Unit.SECONDS)
        .help(help)
        .classicUpperBounds(BOUNDS);
  }

  @Override
  public void close() {
    gcMetrics.close();
    platform.close();
  }
}
