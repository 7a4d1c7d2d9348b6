package dev.breakwater.upstream;

import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TlsVariant;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registries, token servers and content networks are reached by every kind of address. */
class AddressesTest {
  private static final Tag TAG = Tag.parse("1.27");

  private final TestImage image = TestImage.docker().layer(30_000).build();

  private FaultyRegistry start(FaultyRegistryBuilder builder) {
    return builder.start().put(NGINX.value(), TAG.value(), image);
  }

  private static FaultyRegistryBuilder hub() {
    return FaultyRegistry.builder().bearer().redirectBlobs();
  }

  private void assertPulls(UpstreamClient client) {
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(await(client.download(image.layer(0).digest(), 0)))
        .isEqualTo(image.layer(0).bytes());
  }

  @Test
  void ipv6LiteralsAreReached() {
    try (FaultyRegistry upstream = start(hub().onIpv6());
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      assertPulls(client);
      assertThat(upstream.requests(manifest()).getFirst().headers().first("Host"))
          .contains(URI.create(upstream.url()).getAuthority());
    }
  }

  @Test
  void ipv6LiteralsAreReachedByTls() {
    try (FaultyRegistry upstream = start(hub().onIpv6().tls(TlsVariant.VALID));
        UpstreamClient client = UpstreamClient.of(upstream).ca(upstream.caCertificate()).build()) {
      assertPulls(client);
    }
  }

  @Test
  void nameThatHasIpv6AddressesOnlyIsReached() {
    try (FaultyRegistry upstream = start(FaultyRegistry.builder().onIpv6());
        UpstreamClient client = named(upstream, "::1")) {
      assertPulls(client);
    }
  }

  static Stream<Arguments> partlyDeadNames() {
    // Nothing listens at these loopback addresses: the connection is refused at once.
    return Stream.of(
        Arguments.of(false, List.of("::1", "127.0.0.1")),
        Arguments.of(false, List.of("127.0.0.77", "127.0.0.78", "127.0.0.1")),
        Arguments.of(false, List.of("127.0.0.77", "127.0.0.78", "127.0.0.79", "127.0.0.1")),
        Arguments.of(true, List.of("127.0.0.1", "::1")),
        Arguments.of(true, List.of("127.0.0.77", "127.0.0.1", "::1")));
  }

  @ParameterizedTest
  @MethodSource("partlyDeadNames")
  void everyAddressOfANameIsTried(boolean onIpv6, List<String> addresses) {
    FaultyRegistryBuilder builder = FaultyRegistry.builder();
    try (FaultyRegistry upstream = start(onIpv6 ? builder.onIpv6() : builder);
        UpstreamClient client = named(upstream, addresses.toArray(String[]::new))) {
      assertPulls(client);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.77", "::1"})
  void nameWithoutAReachableAddressSaysWhatWasTried(String dead) {
    try (FaultyRegistry upstream = start(FaultyRegistry.builder());
        UpstreamClient client = named(upstream, dead)) {
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.CONNECT);
      assertThat(failure).hasMessageEndingWith(": cannot connect: connection refused");
    }
  }

  private static UpstreamClient named(FaultyRegistry upstream, String... addresses) {
    int port = URI.create(upstream.url()).getPort();
    return UpstreamClient.of("http://registry.test:" + port)
        .lookup(host -> Stream.of(addresses).map(InetAddress::ofLiteral).toList())
        .build();
  }

  @Test
  void familiesAreTriedInTurn() {
    assertThat(
            Connector.alternating(
                Stream.of("127.0.0.1", "127.0.0.2", "127.0.0.3", "::1", "::2")
                    .map(InetAddress::ofLiteral)
                    .toList()))
        .extracting(InetAddress::getHostAddress)
        .containsExactly(
            "127.0.0.1", "0:0:0:0:0:0:0:1", "127.0.0.2", "0:0:0:0:0:0:0:2", "127.0.0.3");
  }
}
