package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where answers may lead us (docs/findings.md#redirects). */
class AddressGuardTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong now = new AtomicLong();
  private final NameCache cache = new NameCache(vertx, UpstreamClient.ZONE, this::lookup, now::get);
  private final AddressGuard direct =
      new AddressGuard(vertx, cache, TimeLimits.DEFAULT, origin -> false);
  private final AddressGuard behindProxy =
      new AddressGuard(vertx, cache, TimeLimits.DEFAULT, origin -> true);
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Map<String, List<String>> names =
      new ConcurrentHashMap<>(
          Map.of(
              "registry.test", List.of("8.8.8.8"),
              "both.test", List.of("127.0.0.1", "8.8.8.8", "10.0.0.9"),
              "lan.test", List.of("10.0.0.5"),
              "local.test", List.of("127.0.0.1"),
              "cdn.test", List.of("9.9.9.9"),
              "inside.test", List.of("10.0.0.7"),
              "mixed.test", List.of("9.9.9.9", "127.0.0.1"),
              "mapped.test", List.of("64:ff9b::127.0.0.1"),
              "metadata.test", List.of("169.254.169.254")));

  @AfterEach
  void close() {
    cache.close();
    await(vertx.close());
  }

  private List<InetAddress> lookup(String host) throws UnknownHostException {
    asked.add(host);
    List<String> known = names.get(host);
    if (known == null) {
      return List.of(InetAddress.getAllByName(host));
    }
    List<InetAddress> addresses = new ArrayList<>();
    known.forEach(literal -> addresses.add(InetAddress.ofLiteral(literal)));
    return addresses;
  }

  private Future<List<InetAddress>> admit(String registry, String wanted, boolean proxied) {
    AddressGuard guard = proxied ? behindProxy : direct;
    Deadline deadline = Deadline.in(TimeLimits.DEFAULT.headers(), System::nanoTime);
    Call call = new Call(ContentKind.BLOB, "pulling a blob", UpstreamClient.NGINX, false, deadline);
    Endpoint endpoint = Endpoint.of(URI.create(registry), true);
    return guard.admit(
        new Attempt(
            call,
            endpoint,
            Account.anonymous(System::nanoTime),
            Optional.empty(),
            "r",
            deadline,
            0,
            Hop.REGISTRY),
        Origin.of(URI.create(wanted)).orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry.test,https://local.test",
    "https://both.test,https://local.test",
    "https://both.test,https://inside.test",
    "https://metadata.test,https://inside.test",
    "https://registry.test,https://inside.test",
    "https://registry.test,https://mixed.test",
    "https://registry.test,https://mapped.test",
    "https://registry.test,https://metadata.test",
    "https://registry.test,https://localhost",
    "https://registry.test,https://127.0.0.1",
    "https://registry.test,https://[::1]",
    "https://registry.test,https://2130706433",
    "https://registry.test,https://169.254.169.254",
    "http://lan.test,http://local.test",
    "http://lan.test,http://metadata.test",
    "http://local.test,http://metadata.test"
  })
  void addressNearerThanTheRegistryIsRefused(String registry, String wanted) {
    UpstreamException failure = failureOf(admit(registry, wanted, false));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.INVALID);
    assertThat(failure).hasMessageContaining("more private than the registry's own");
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry.test,https://cdn.test,9.9.9.9",
    "http://lan.test,http://cdn.test,9.9.9.9",
    "http://lan.test,http://inside.test,10.0.0.7",
    "http://local.test,http://inside.test,10.0.0.7",
    "http://lan.test,http://lan.test:9000,10.0.0.5",
    "http://local.test:5000,http://local.test:5000,127.0.0.1"
  })
  void checkedAddressIsTheOneToConnectTo(String registry, String wanted, String address) {
    assertThat(await(admit(registry, wanted, false)))
        .containsExactly(InetAddress.ofLiteral(address));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1",
        "https://127.1",
        "https://2130706433",
        "https://0x7f000001",
        "https://foo.0x7f",
        "https://[::1]",
        "https://localhost",
        "https://foo.localhost",
        "https://8.8.8.8"
      })
  void behindAProxyLiteralsAreRefused(String wanted) {
    assertThat(failureOf(admit("https://registry.test", wanted, true)).outcome())
        .isEqualTo(UpstreamOutcome.INVALID);
  }

  @Test
  void behindAProxyNamesAreNotLookedUp() {
    assertThat(await(admit("https://registry.test", "https://cdn.test", true))).isEmpty();
    assertThat(await(admit("https://10.0.0.1", "https://10.0.0.1", true))).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void otherPortOfTheRegistryIsNotAskedAtANearerAddress() {
    assertThat(await(admit("https://both.test", "https://both.test:6379", false)))
        .containsExactly(InetAddress.ofLiteral("8.8.8.8"));
    assertThat(await(admit("https://both.test", "https://both.test", false))).hasSize(3);
  }

  @Test
  void registryThatOnceHadAPublicAddressIsPublicHoweverItResolvesLater() {
    names.put("turned.test", List.of("127.0.0.1"));
    assertThat(await(admit("https://turned.test", "https://local.test", false))).hasSize(1);
    for (String address : List.of("8.8.8.8", "127.0.0.1")) {
      names.put("turned.test", List.of(address));
      now.addAndGet(NameCache.FRESH.toNanos());
      assertThat(await(admit("https://turned.test", "https://turned.test", false)))
          .containsExactly(InetAddress.ofLiteral(address));
      assertThat(failureOf(admit("https://turned.test", "https://local.test", false)).outcome())
          .isEqualTo(UpstreamOutcome.INVALID);
    }
  }
}
