package dev.breakwater.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ContentKind;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyAliasesTest {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ProxyAliases aliases = new ProxyAliases(registry);

  @ParameterizedTest
  @EnumSource(CacheResult.class)
  void everyRequestIsAHitOrAMiss(CacheResult result) {
    aliases.requestEnded("docker.io", ContentKind.MANIFEST, result);
    assertThat(count("requests")).isEqualTo(1);
    assertThat(count("hits") + count("misses")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void requestsAreHitsAndMissesTogetherForEveryMix(long seed) {
    Random random = new Random(seed);
    aliases.startAtZero("docker.io");
    for (int i = 0; i < 1000; i++) {
      aliases.requestEnded(
          random.nextBoolean() ? "docker.io" : "local",
          any(random, ContentKind.values()),
          any(random, CacheResult.values()));
    }
    assertThat(count("requests")).isPositive().isEqualTo(count("hits") + count("misses"));
  }

  private static <T> T any(Random random, T[] values) {
    return List.of(values).get(random.nextInt(values.length));
  }

  private double count(String name) {
    return registry.scrape(metric -> metric.equals("registry_proxy_" + name)).stream()
        .flatMap(snapshot -> ((CounterSnapshot) snapshot).getDataPoints().stream())
        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
        .sum();
  }
}
