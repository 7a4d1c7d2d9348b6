package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.body;
import static dev.breakwater.testing.Faults.challenge;
import static dev.breakwater.testing.Faults.cutAt;
import static dev.breakwater.testing.Faults.hangUp;
import static dev.breakwater.testing.Faults.htmlPage;
import static dev.breakwater.testing.Faults.stallAt;
import static dev.breakwater.testing.Faults.stallBeforeHead;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.testing.RequestMatcher.challenged;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.testing.RequestMatcher.token;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Cut;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong now and then at any hop is not felt by the one who asks. */
@org.junit.jupiter.api.Tag("slow")
class PassingFaultsTest {
  private static final Tag TAG = Tag.parse("1.27");

  private final TestImage image = TestImage.docker().layer(30_000).build();
  private final FaultyRegistry upstream =
      FaultyRegistry.builder()
          .bearer()
          .redirectBlobs()
          .account("alice", "pw")
          .start()
          .put(NGINX.value(), TAG.value(), image);
  private final UpstreamClient client = UpstreamClient.of(upstream).build();

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  private void assertPulls() {
    assertThat(await(client.registry().headManifest(NGINX, TAG)).digest())
        .isEqualTo(image.digest());
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(await(client.registry().headBlob(NGINX, image.layer(0).digest()))).hasValue(30_000);
    assertThat(await(client.download(image.layer(0).digest(), 0)))
        .isEqualTo(image.layer(0).bytes());
  }

  static Stream<Arguments> faults() {
    Stream<RequestMatcher> hops =
        Stream.of(
            challenged(),
            token(),
            manifest().head(),
            manifest().get(),
            blob().on(Listener.REGISTRY),
            blob().on(Listener.CDN));
    return hops.flatMap(
        hop ->
            Stream.of(
                    status(408),
                    status(425),
                    status(429),
                    status(500),
                    status(502),
                    status(503),
                    status(504),
                    hangUp(Cut.FIN),
                    hangUp(Cut.RST))
                .map(fault -> Arguments.of(hop, fault)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void faultThatComesOnceAtAnyHopIsNotFelt(RequestMatcher hop, Fault fault) {
    upstream.on(hop).once().then(fault);
    assertPulls();
    for (ContentKind kind : ContentKind.values()) {
      assertThat(client.counted(kind) - client.counted(kind, UpstreamOutcome.OK))
          .as("failed calls for %s", kind.label())
          .isEqualTo(kind == ContentKind.TOKEN && client.counted(kind) > 1 ? 1 : 0);
    }
  }

  static Stream<Arguments> brokenBodies() {
    return Stream.of(token(), manifest().get())
        .flatMap(
            hop ->
                Stream.of(htmlPage(), body("{\"tok"), cutAt(5, Cut.RST), cutAt(5, Cut.FIN))
                    .map(fault -> Arguments.of(hop, fault)));
  }

  @ParameterizedTest
  @MethodSource("brokenBodies")
  void bodyThatIsBrokenTwiceInARowIsNotFelt(RequestMatcher hop, Fault fault) {
    upstream.on(hop).times(2).then(fault);
    assertPulls();
  }

  @ParameterizedTest
  @ValueSource(strings = {"before the head", "in the body"})
  void silenceThatComesOnceIsNotFelt(String where) {
    Fault silence = where.equals("in the body") ? stallAt(10) : stallBeforeHead();
    upstream.on(token()).once().then(silence);
    upstream.on(manifest().get()).once().then(silence);
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  @Test
  void everyHopMayFailTwiceInARow() {
    upstream.on(token()).times(2).then(status(503));
    upstream.on(blob().on(Listener.REGISTRY)).times(2).then(hangUp(Cut.RST));
    upstream.on(blob().on(Listener.CDN)).times(2).then(status(500));
    assertThat(await(client.download(image.layer(0).digest(), 0)))
        .isEqualTo(image.layer(0).bytes());
  }

  @Test
  void contentNetworkThatRefusesASignedUrlIsAskedByANewOne() {
    upstream.on(blob().on(Listener.CDN)).once().then(status(403));
    assertPulls();
    assertThat(upstream.count(blob().on(Listener.REGISTRY).get())).isEqualTo(2);
  }

  @Test
  void connectionClosedJustAfterAnAnswerCostsNothing() {
    assertPulls();
    upstream.on(manifest().get()).once().then(hangUp(Cut.FIN));
    long begun = System.nanoTime();
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(3);
    assertThat(System.nanoTime() - begun).isPositive();
  }

  // Tokens.

  private static final String INVALID_TOKEN = ",error=\"invalid_token\"";

  private String challengeOf(String realm) {
    return "Bearer realm=\"" + realm + "/token\",service=\"faulty.test\"";
  }

  @Test
  void freshTokenThatIsRefusedOnceIsNoRefusal() {
    upstream
        .on(manifest().get())
        .once()
        .then(challenge(challengeOf(upstream.authUrl()) + INVALID_TOKEN));
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(upstream.count(token())).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void cachedTokenThatIsRefusedIsNoRefusal(int status) {
    assertPulls();
    upstream.on(manifest().get()).once().then(status(status));
    upstream.on(blob().on(Listener.REGISTRY)).once().then(status(status));
    assertPulls();
  }

  @Test
  void freshTokenThatGrantsTooLittleIsRefusedAtOnce() {
    try (FaultyRegistry closed =
            FaultyRegistry.builder()
                .bearer()
                .account("bob", "pw")
                .privateRepository(NGINX.value(), "bob")
                .start()
                .put(NGINX.value(), TAG.value(), image);
        UpstreamClient anonymous = UpstreamClient.of(closed).build()) {
      assertThat(failureOf(anonymous.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.UNAUTHORIZED);
      assertThat(closed.count(token())).isEqualTo(1);
    }
  }

  @Test
  void challengeThatNamesAnotherRealmThanBeforeIsFollowed() {
    try (FaultyRegistry other =
            FaultyRegistry.builder().bearer().start().put(NGINX.value(), TAG.value(), image);
        UpstreamClient moved =
            UpstreamClient.of(upstream)
                .realm(java.net.URI.create(other.authUrl()).getAuthority())
                .build()) {
      assertThat(await(moved.registry().getManifest(NGINX, TAG)).digest())
          .isEqualTo(image.digest());
      upstream.goDown(Listener.AUTH);
      upstream.revokeTokens();
      upstream.on(challenged()).then(challenge(challengeOf(other.authUrl())));
      // The other realm's tokens are good for nothing here, but it was asked for one.
      failureOf(moved.registry().getManifest(NGINX, TAG));
      assertThat(other.count(token())).isPositive();
    }
  }

  @Test
  void expiredTokenWhoseRealmIsGoneIsReplacedByWhatTheRegistryNamesNow() {
    try (UpstreamClient moved = UpstreamClient.of(upstream).build()) {
      upstream.on(token()).once().then(status(404));
      failureOf(moved.registry().getManifest(NGINX, TAG));
      upstream.on(token()).once().then(status(404));
      assertThat(await(moved.registry().getManifest(NGINX, TAG)).digest())
          .isEqualTo(image.digest());
    }
  }

  // 429.

  @Test
  void blobLimitOfOneRepositoryDoesNotStopAnother() {
    upstream.put("library/redis", TAG.value(), image);
    upstream.on(blob()).then(tooManyRequests(Duration.ofMinutes(1)));
    failureOf(client.download(image.layer(0).digest(), 0));
    assertThat(
            await(
                    client
                        .registry()
                        .getManifest(dev.breakwater.oci.RepositoryName.parse("library/redis"), TAG))
                .digest())
        .isEqualTo(image.digest());
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }
}
