package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.body;
import static dev.breakwater.testing.Faults.contentType;
import static dev.breakwater.testing.Faults.hangUp;
import static dev.breakwater.testing.Faults.realm;
import static dev.breakwater.testing.Faults.stallBeforeHead;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.RequestMatcher.challenged;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Cut;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@org.junit.jupiter.api.Tag("slow")
class FailoverTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String SECRET = "c4nary-s3cret";

  /** After so many probes that fail there is time enough until the next, on any machine. */
  private static final int PROBES = 4;

  private static final Duration PROBE = Duration.ofSeconds(10);

  private final TestImage image = TestImage.docker().layer(1000).build();
  private final FaultyRegistry upstream = start();
  private final FaultyRegistry first = start();
  private final FaultyRegistry second = start();
  private final UpstreamClient client =
      UpstreamClient.of(upstream)
          .account("alice", SECRET)
          .mirror(first.url())
          .mirror(second.url())
          .limits(
              new TimeLimits(
                  Duration.ofSeconds(5),
                  Duration.ofSeconds(15),
                  Duration.ofSeconds(5),
                  0,
                  Duration.ofSeconds(5)))
          .build();

  private FaultyRegistry start() {
    return FaultyRegistry.start().put(NGINX.value(), TAG.value(), image);
  }

  @AfterEach
  void close() {
    client.close();
    upstream.close();
    first.close();
    second.close();
  }

  static Stream<Arguments> unavailable() {
    return Stream.of(
        Arguments.of(hangUp(Cut.RST)),
        Arguments.of(hangUp(Cut.FIN)),
        Arguments.of(status(502)),
        Arguments.of(tooManyRequests(Duration.ofSeconds(60))),
        Arguments.of(stallBeforeHead()));
  }

  @ParameterizedTest
  @MethodSource("unavailable")
  void mirrorIsAskedWhenTheRegistryIsUnwell(Fault fault) {
    upstream.on(manifest()).then(fault);
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    // A request that is not answered is sent once more, and once more again, beside the first.
    assertThat(upstream.count(manifest())).isBetween(1, fault.toString().equals("stall") ? 3 : 1);
    assertThat(first.count(manifest())).isEqualTo(1);
    assertThat(second.requests()).isEmpty();
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(1);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(1);
  }

  @Test
  void refusedConnectionGoesToTheNext() {
    upstream.goDown();
    first.goDown();
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(second.count(manifest())).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404})
  void noOfTheRegistryIsFinal(int status) {
    upstream.on(manifest()).then(status(status));
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).status()).isEqualTo(status);
    assertThat(first.requests()).isEmpty();
  }

  @Test
  void noOfAMirrorIsNotFinal() {
    upstream.on(manifest()).then(status(502));
    first.deleteRepository(NGINX.value());
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(second.count(manifest())).isEqualTo(1);
  }

  @Test
  void brokenMirrorLeadsToTheNext() {
    upstream.on(manifest()).then(status(502));
    first.on(manifest()).then(contentType("text/html"), body("<html>"));
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  @Test
  void failureOfTheRegistryIsReportedAfterRetries() {
    upstream.on(manifest()).then(status(502));
    first.on(manifest()).then(status(404));
    second.goDown();
    UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(failure.status()).isEqualTo(502);
    assertThat(upstream.count(manifest())).isEqualTo(4);
    assertThat(first.count(manifest())).isEqualTo(1);
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.SERVER_ERROR)).isEqualTo(1);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(1);
  }

  @Test
  void rateLimitIsNotHammered() {
    upstream.on(manifest()).then(tooManyRequests(Duration.ofSeconds(20)));
    first.on(manifest()).then(tooManyRequests());
    second.on(manifest()).then(tooManyRequests());
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.RATE_LIMITED);
    assertThat(upstream.requests()).hasSize(1);
    assertThat(second.requests()).hasSize(1);
  }

  @Test
  void deadRegistryIsNotAskedAgainBeforeItsProbeIsDueAndItsMirrorIsAskedInstead() {
    upstream.on(manifest()).then(hangUp(Cut.RST));
    for (int i = 0; i < 5 + PROBES; i++) {
      client.skip(i < 5 ? Duration.ZERO : PROBE);
      assertThat(await(client.registry().getManifest(NGINX, TAG)).digest())
          .isEqualTo(image.digest());
    }
    for (int i = 0; i < 3; i++) {
      await(client.registry().getManifest(NGINX, TAG));
    }
    assertThat(upstream.count(manifest())).isEqualTo(5 + PROBES);
    assertThat(first.count(manifest())).isEqualTo(5 + PROBES + 3);
    upstream.heal();
    client.skip(PROBE);
    await(client.registry().getManifest(NGINX, TAG));
    await(client.registry().getManifest(NGINX, TAG));
    assertThat(upstream.count(manifest())).isEqualTo(5 + PROBES + 2);
    assertThat(first.count(manifest())).isEqualTo(5 + PROBES + 3);
  }

  @Test
  void noEndpointIsAskedWhileAllBreakersAreOpenAndTheFailureSaysWhyAndForHowLong() {
    for (FaultyRegistry each : List.of(upstream, first, second)) {
      each.on(manifest()).then(status(502));
    }
    for (int i = 0; i < 5 + PROBES; i++) {
      client.skip(i < 5 ? Duration.ZERO : PROBE);
      failureOf(client.registry().getManifest(NGINX, TAG));
    }
    int asked = upstream.requests().size();
    long counted = client.counted(ContentKind.MANIFEST);
    UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.SERVER_ERROR);
    assertThat(failure)
        .hasMessageContaining("not asked, because it has not answered")
        .hasMessageContaining("502");
    assertThat(failure.retryAfter().orElseThrow()).isPositive();
    assertThat(upstream.requests()).hasSize(asked);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(counted);
    assertThat(client.registry().health(ContentKind.MANIFEST))
        .isEqualTo(UpstreamHealth.bad(false, UpstreamOutcome.SERVER_ERROR));
    assertThat(await(client.registry().listTags(NGINX))).as("another kind").isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404})
  void whatARegistrySaysNeverOpensABreaker(int status) {
    for (FaultyRegistry each : List.of(upstream, first, second)) {
      each.on(manifest()).then(status(status));
    }
    for (int i = 0; i < 7; i++) {
      failureOf(client.registry().getManifest(NGINX, TAG));
    }
    upstream.heal();
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  @Test
  void mirrorNeverSeesTheAccount() {
    try (FaultyRegistry mirror =
            FaultyRegistry.builder()
                .bearer()
                .tokensOnRegistry()
                .account("alice", SECRET)
                .start()
                .put(NGINX.value(), TAG.value(), image);
        FaultyRegistry basic =
            FaultyRegistry.builder()
                .basic()
                .account("alice", SECRET)
                .start()
                .put(NGINX.value(), TAG.value(), image);
        UpstreamClient mirrored =
            UpstreamClient.of(upstream)
                .account("alice", SECRET)
                .mirror(basic.url())
                .mirror(mirror.url())
                .build()) {
      upstream.on(manifest()).then(status(502));
      assertThat(await(mirrored.registry().getManifest(NGINX, TAG)).digest())
          .isEqualTo(image.digest());
      mirror.revokeTokens();
      mirror.on(challenged()).then(realm(upstream.authUrl() + "/token"));
      failureOf(mirrored.registry().getManifest(NGINX, TAG));
      for (FaultyRegistry seen : new FaultyRegistry[] {mirror, basic, upstream}) {
        assertThat(seen.requestsContaining(new Credentials("alice", SECRET).encoded())).isEmpty();
      }
    }
  }
}
