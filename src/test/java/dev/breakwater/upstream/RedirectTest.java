package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.challenge;
import static dev.breakwater.testing.Faults.redirectLoop;
import static dev.breakwater.testing.Faults.redirectTo;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Headers;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.SeenRequest;
import dev.breakwater.testing.TestImage;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String SECRET = "c4nary-s3cret";

  private final TestImage image = TestImage.docker().layer(100_000).build();
  private final Digest digest = image.layer(0).digest();
  private final FaultyRegistry upstream =
      FaultyRegistry.builder()
          .bearer()
          .redirectBlobs()
          .account("alice", SECRET)
          .start()
          .put(NGINX.value(), TAG.value(), image);
  private final UpstreamClient client =
      UpstreamClient.of(upstream).account("alice", SECRET).build();

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  @Test
  void cdnSeesNoCredentialAndNothingUnneeded() {
    assertThat(await(client.download(digest, 1000, OptionalLong.of(1999)))).hasSize(1000);
    assertThat(upstream.credentialsSeenBy(Listener.CDN)).isEmpty();
    SeenRequest seen = upstream.requests(any().on(Listener.CDN)).getFirst();
    assertThat(
            seen.headers().fields().stream()
                .map(Headers.Field::name)
                .map(name -> name.toLowerCase(Locale.ROOT)))
        .containsExactlyInAnyOrder("host", "user-agent", "accept", "accept-encoding", "range");
    assertThat(seen.range()).contains("bytes=1000-1999");
  }

  @Test
  void authorizationStaysOnTheSameOrigin() {
    upstream
        .on(manifest(NGINX.value(), TAG.value()))
        .then(redirectTo("/v2/library/nginx/manifests/" + image.digest()));
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  @Test
  void authorizationIsGoneAfterADetour() {
    upstream
        .on(manifest(NGINX.value(), TAG.value()))
        .then(redirectTo(upstream.cdnUrl() + "/detour"));
    upstream
        .on(any().on(Listener.CDN))
        .then(redirectTo(upstream.url() + "/v2/library/nginx/manifests/" + image.digest()));
    UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.REFUSED);
    assertThat(upstream.credentialsSeenBy(Listener.CDN)).isEmpty();
    assertThat(upstream.requests(any().on(Listener.REGISTRY)).getLast().authorization()).isEmpty();
  }

  @Test
  void challengeOfACdnIsNotMet() {
    upstream
        .on(any().on(Listener.CDN))
        .then(challenge("Bearer realm=\"" + upstream.authUrl() + "/token\""));
    UpstreamException failure = failureOf(client.download(digest, 0));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.REFUSED);
    assertThat(upstream.credentialsSeenBy(Listener.CDN)).isEmpty();
    assertThat(upstream.count(any().on(Listener.CDN))).as("once more, by another URL").isEqualTo(2);
  }

  @Test
  void blobThatTheCdnDoesNotKnowIsAskedOnceMoreFromTheRegistry() {
    upstream.on(any().on(Listener.CDN)).once().then(status(404));
    assertThat(await(client.download(digest, 1000, OptionalLong.of(1999)))).hasSize(1000);
    assertThat(upstream.count(blob(digest).on(Listener.REGISTRY))).isEqualTo(2);
    assertThat(client.counted(ContentKind.BLOB, UpstreamOutcome.NOT_FOUND)).isZero();
  }

  @Test
  void blobThatTheCdnDoesNotKnowTwiceIsNotThere() {
    upstream.on(any().on(Listener.CDN)).then(status(404));
    UpstreamException failure = failureOf(client.download(digest, 0));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.NOT_FOUND);
    assertThat(upstream.count(any().on(Listener.CDN))).isEqualTo(2);
    assertThat(client.counted(ContentKind.BLOB, UpstreamOutcome.NOT_FOUND)).isEqualTo(1);
  }

  @Test
  void registryThatDoesNotKnowABlobIsBelievedAtOnce() {
    upstream.on(blob(digest).on(Listener.REGISTRY)).then(status(404));
    UpstreamException failure = failureOf(client.download(digest, 0));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.NOT_FOUND);
    assertThat(upstream.count(blob(digest))).isEqualTo(1);
  }

  @Test
  void sizeThatTheCdnDoesNotKnowIsAskedOnceMoreFromTheRegistry() {
    upstream
        .on(blob().head().on(Listener.REGISTRY))
        .once()
        .then(redirectTo(upstream.cdnUrl() + "/gone"));
    assertThat(await(client.registry().headBlob(NGINX, digest))).hasValue(100_000);
  }

  @Test
  void expiredSignatureSaysNothingAboutPermissions() {
    upstream.on(any().on(Listener.CDN)).then(status(403));
    UpstreamException failure = failureOf(client.download(digest, 0));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.REFUSED);
    assertThat(failure.outcome().isUnavailable()).isTrue();
    assertThat(failure).hasMessageContaining("redirected to 127.0.0.1:");
    String query = upstream.requests(any().on(Listener.CDN)).getFirst().query();
    assertThat(query).isNotEmpty();
    assertThat(failure.getMessage()).doesNotContain(query);
  }

  @Test
  void redirectLoopEndsAfterFiveHops() {
    upstream.on(manifest().get()).then(redirectLoop());
    UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.INVALID);
    assertThat(upstream.count(manifest())).isEqualTo(6);
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.INVALID)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://224.0.0.1/",
        "http://0.0.0.0/",
        "file:///etc/passwd",
        "http://user:pass@127.0.0.1/",
        "",
        "http://"
      })
  void redirectToAForbiddenPlaceIsNotFollowed(String location) {
    upstream.on(blob().on(Listener.REGISTRY)).then(redirectTo(location));
    UpstreamException failure = failureOf(client.download(digest, 0));
    assertThat(failure.outcome()).as(failure.getMessage()).isIn(UpstreamOutcome.INVALID);
    assertThat(client.counted(ContentKind.BLOB, UpstreamOutcome.INVALID)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void everyKindOfRedirectIsFollowed(int status) {
    upstream
        .on(manifest(NGINX.value(), TAG.value()))
        .then(redirectTo(status, "/v2/library/nginx/manifests/" + image.digest()));
    assertThat(await(client.registry().headManifest(NGINX, TAG)).digest())
        .isEqualTo(image.digest());
    assertThat(upstream.requests(manifest()).getLast().method()).isEqualTo("HEAD");
  }

  @Test
  void storageThatSignedForGetIsAskedByGet() {
    upstream
        .on(blob().head().on(Listener.REGISTRY))
        .then(redirectTo(upstream.cdnUrl() + "/signed-for-get"));
    upstream.on(any().head().on(Listener.CDN)).then(status(403));
    assertThat(await(client.registry().headBlob(NGINX, digest))).hasValue(100_000);
  }
}
