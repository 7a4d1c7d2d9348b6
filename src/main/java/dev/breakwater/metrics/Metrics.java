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

  /** What registries are asked for. */
  private static final List<ContentKind> ASKED =
      List.of(ContentKind.MANIFEST, ContentKind.BLOB, ContentKind.TAGS, ContentKind.REFERRERS);

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusMeterRegistry platform =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, registry, Clock.SYSTEM);
  private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

  private final Counter requests =
      MeterBuilders.counter("requests", "Requests answered.")
          .labelNames("upstream", "kind", "method", "result", "code_class")
          .register(registry);
  private final Histogram requestDuration =
      MeterBuilders.histogram(
              "request_duration", "Time from a request's head to the last byte of its answer.")
          .labelNames("kind", "result")
          .register(registry);
  private final Histogram firstByte =
      MeterBuilders.histogram(
              "first_byte", "Time from a request's head to the first byte of its answer.")
          .labelNames("kind", "result")
          .register(registry);
  private final Counter servedBytes =
      MeterBuilders.counter("served_bytes", "Body bytes sent to clients.")
          .labelNames("upstream", "kind", "source")
          .register(registry);
  private final Counter fetchedBytes =
      MeterBuilders.counter("fetched_bytes", "Body bytes received from upstream.")
          .labelNames("upstream", "kind")
          .register(registry);
  private final Counter upstreamRequests =
      MeterBuilders.counter("upstream_requests", "Requests sent upstream, by outcome.")
          .labelNames("upstream", "kind", "outcome")
          .register(registry);
  private final Histogram upstreamDuration =
      MeterBuilders.histogram(
              "upstream_duration", "Time until the head of upstream's answer arrived.")
          .labelNames("upstream", "kind")
          .register(registry);
  private final Counter staleAnswers =
      MeterBuilders.counter(
              "stale_answers",
              "Stale answers served because upstream gave no fresh one, by reason.")
          .labelNames("upstream", "reason")
          .register(registry);
  private final Counter upstreamAvoided =
      MeterBuilders.counter(
              "upstream_avoided_requests",
              "Requests not sent upstream because they would have failed, by outcome.")
          .labelNames("upstream", "kind", "outcome")
          .register(registry);
  private final Gauge upstreamBreaker =
      MeterBuilders.gauge(
              "upstream_breaker_state",
              "Circuit breaker of upstream: closed (0), testing with one request at a time (1),"
                  + " open (2).")
          .labelNames("upstream", "kind")
          .register(registry);
  private final Gauge upstreamUp =
      MeterBuilders.gauge(
              "upstream_up",
              "Whether upstream's last answer was a sound one (1) or not (0); absent until upstream"
                  + " was asked.")
          .labelNames("upstream")
          .register(registry);
  private final Gauge upstreamLastSuccess =
      MeterBuilders.gauge(
              "upstream_last_success_timestamp", "When upstream last gave a valid answer.")
          .unit(Unit.SECONDS)
          .labelNames("upstream")
          .register(registry);
  private final Counter coalesced =
      MeterBuilders.counter("coalesced_requests", "Requests that shared one already sent upstream.")
          .labelNames("kind")
          .register(registry);
  private final Counter digestMismatches =
      MeterBuilders.counter(
              "digest_mismatch", "Bodies from upstream that did not hash to their digest.")
          .labelNames("upstream")
          .register(registry);
  private final Counter rejected =
      MeterBuilders.counter(
              "rejected_requests",
              "Requests and connections refused before they were handled, by reason.")
          .labelNames("reason")
          .register(registry);

  private final QuotaMeters quota = new QuotaMeters(registry);
  private final DownloadMeters downloads = new DownloadMeters(registry);
  private final UpkeepMeters upkeep = new UpkeepMeters(registry);
  private final BackgroundMeters background = new BackgroundMeters(registry);
  private final FailureMeters failures = new FailureMeters(registry);

  /** Distribution's five names, so that dashboards made for it go on working. */
  private final ProxyAliases aliases = new ProxyAliases(registry);

  /** Registers everything and the JVM's own meters, with the given version in build_info. */
  public Metrics(String version, List<String> upstreams) {
    Info.builder()
        .name(MeterBuilders.PREFIX + "build_info")
        .help("Version of Breakwater and of Java.")
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

  /** Those of the pulls that registries still allow. */
  public QuotaMeters quota() {
    return quota;
  }

  /** Those of blob downloads. */
  public DownloadMeters downloads() {
    return downloads;
  }

  /** Those of what keeps the cache sound and within its bounds. */
  public UpkeepMeters upkeep() {
    return upkeep;
  }

  /** Those of the background threads. */
  public BackgroundMeters background() {
    return background;
  }

  /** Those of requests that failed. */
  public FailureMeters failures() {
    return failures;
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

  /** A request was not sent, because it would have ended so. */
  public void upstreamAvoided(String upstream, ContentKind kind, String outcome) {
    upstreamAvoided.labelValues(upstream, kind.label(), outcome).inc();
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

  /** A request joined one already under way. */
  public void coalesced(ContentKind kind) {
    coalesced.labelValues(kind.label()).inc();
  }

  /** A body from upstream had the wrong digest. */
  public void digestMismatch(String upstream) {
    digestMismatches.labelValues(upstream).inc();
  }

  /** A request was refused by the front filter; {@code reason} is one of a closed set of words. */
  public void rejected(String reason) {
    rejected.labelValues(reason).inc();
  }

  /** Registers a gauge that is read when it is scraped; {@code name} without the prefix. */
  public void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(MeterBuilders.PREFIX + name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** The same for several values that differ in one label, from a closed set. */
  public void gauge(String name, String help, String label, Map<String, DoubleSupplier> values) {
    GaugeWithCallback.builder()
        .name(MeterBuilders.PREFIX + name)
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
      downloads.startAtZero(upstream);
      digestMismatches.labelValues(upstream).inc(0);
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
            String codeClass =
                switch (result) {
                  case NEGATIVE, LOCAL -> "4xx";
                  case ERROR -> "5xx";
                  case HIT, STALE, REVALIDATED, MISS, COLLAPSED -> "2xx";
                };
            requests.labelValues(upstream, kind.label(), method, result.label(), codeClass).inc(0);
          }
        }
      }
      aliases.startAtZero(upstream);
    }
    upkeep.startAtZero();
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

  @Override
  public void close() {
    gcMetrics.close();
    platform.close();
  }
}
