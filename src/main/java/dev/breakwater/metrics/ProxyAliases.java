package dev.breakwater.metrics;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ContentKind;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * The five {@code registry_proxy_*} counters of distribution's proxy mode, so that dashboards and
 * alerts made for it (Gardener's, for one) go on working after the change to Breakwater.
 */
final class ProxyAliases {
  private final Counter requests;
  private final Counter hits;
  private final Counter misses;
  private final Counter pulledBytes;
  private final Counter pushedBytes;

  ProxyAliases(PrometheusRegistry registry) {
    requests = counter(registry, "requests", "Requests for content of an upstream.");
    hits = counter(registry, "hits", "Requests answered from the cache.");
    misses =
        counter(registry, "misses", "Requests not answered from the cache, failed ones included.");
    pulledBytes = counter(registry, "pulled_bytes", "Bytes received from upstream.");
    pushedBytes = counter(registry, "pushed_bytes", "Bytes sent to clients.");
  }

  private static Counter counter(PrometheusRegistry registry, String name, String help) {
    return Counter.builder()
        .name("registry_proxy_" + name)
        .help(help)
        .labelNames("type", "upstream_host")
        .register(registry);
  }

  void requestEnded(String upstream, ContentKind kind, CacheResult result) {
    if (!isProxied(kind)) {
      return;
    }
    requests.labelValues(kind.label(), upstream).inc();
    switch (result) {
      case HIT, STALE, REVALIDATED -> hits.labelValues(kind.label(), upstream).inc();
      case MISS, COLLAPSED, NEGATIVE, LOCAL, ERROR ->
          misses.labelValues(kind.label(), upstream).inc();
    }
  }

  void served(String upstream, ContentKind kind, long bytes) {
    if (isProxied(kind)) {
      pushedBytes.labelValues(kind.label(), upstream).inc(bytes);
    }
  }

  void fetched(String upstream, ContentKind kind, long bytes) {
    if (isProxied(kind)) {
      pulledBytes.labelValues(kind.label(), upstream).inc(bytes);
    }
  }

  void startAtZero(String upstream) {
    for (ContentKind kind : ContentKind.values()) {
      if (isProxied(kind)) {
        for (Counter counter : new Counter[] {requests, hits, misses, pulledBytes, pushedBytes}) {
          counter.labelValues(kind.label(), upstream).inc(0);
        }
      }
    }
  }

  private static boolean isProxied(ContentKind kind) {
    return kind == ContentKind.MANIFEST || kind == ContentKind.BLOB;
  }
}
