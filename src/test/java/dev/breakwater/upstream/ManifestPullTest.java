package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.body;
import static dev.breakwater.testing.Faults.contentDigest;
import static dev.breakwater.testing.Faults.contentEncoding;
import static dev.breakwater.testing.Faults.contentLength;
import static dev.breakwater.testing.Faults.contentType;
import static dev.breakwater.testing.Faults.cutAt;
import static dev.breakwater.testing.Faults.endlessBody;
import static dev.breakwater.testing.Faults.header;
import static dev.breakwater.testing.Faults.htmlPage;
import static dev.breakwater.testing.Faults.rawAnswer;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.Faults.truncatedTo;
import static dev.breakwater.testing.Faults.withoutHeader;
import static dev.breakwater.testing.Faults.wrongByteAt;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Seconds;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.Cut;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@org.junit.jupiter.api.Tag("slow")
class ManifestPullTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final Duration SOON = Duration.ofSeconds(10);

  private final TestImage image = TestImage.docker().layer(1000).build();
  private final FaultyRegistry upstream =
      FaultyRegistry.start().put(NGINX.value(), TAG.value(), image);
  private final UpstreamClient client = UpstreamClient.of(upstream).build();

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  static Stream<Arguments> wrongAnswers() {
    String other = "sha256:" + "0".repeat(64);
    return Stream.of(
        Arguments.of(wrongByteAt(5), UpstreamOutcome.DIGEST_MISMATCH, 4),
        Arguments.of(truncatedTo(20), UpstreamOutcome.DIGEST_MISMATCH, 4),
        Arguments.of(body("{}"), UpstreamOutcome.DIGEST_MISMATCH, 4),
        Arguments.of(contentDigest(other), UpstreamOutcome.DIGEST_MISMATCH, 4),
        Arguments.of(contentDigest("sha256:xyz"), UpstreamOutcome.INVALID, 4),
        Arguments.of(contentDigest("md5:" + "0".repeat(32)), UpstreamOutcome.INVALID, 4),
        Arguments.of(htmlPage(), UpstreamOutcome.INVALID, 4),
        Arguments.of(withoutHeader("Content-Type"), UpstreamOutcome.INVALID, 4),
        Arguments.of(contentType("application/json"), UpstreamOutcome.INVALID, 1),
        Arguments.of(contentType(MediaType.OCI_INDEX.value()), UpstreamOutcome.INVALID, 1),
        Arguments.of(contentEncoding("gzip"), UpstreamOutcome.INVALID, 1),
        Arguments.of(
            contentType("application/vnd.docker.distribution.manifest.v1+prettyjws"),
            UpstreamOutcome.INVALID,
            1),
        Arguments.of(endlessBody(), UpstreamOutcome.INVALID, 1),
        Arguments.of(body(Content.generated(1, 5 << 20)), UpstreamOutcome.INVALID, 1),
        Arguments.of(rawAnswer("220 smtp.test ready\r\n"), UpstreamOutcome.INVALID, 4),
        Arguments.of(
            rawAnswer("HTTP/1.1 200 OK\r\nX: " + "a".repeat(100_000) + "\r\n\r\n"),
            UpstreamOutcome.INVALID,
            4),
        Arguments.of(status(204), UpstreamOutcome.INVALID, 4),
        Arguments.of(status(304), UpstreamOutcome.INVALID, 4),
        Arguments.of(status(401), UpstreamOutcome.UNAUTHORIZED, 1),
        Arguments.of(status(403), UpstreamOutcome.DENIED, 1),
        Arguments.of(status(404), UpstreamOutcome.NOT_FOUND, 1),
        Arguments.of(status(400), UpstreamOutcome.REFUSED, 1),
        Arguments.of(tooManyRequests(Duration.ofMinutes(5)), UpstreamOutcome.RATE_LIMITED, 1));
  }

  @ParameterizedTest
  @MethodSource("wrongAnswers")
  void wrongAnswerEndsInItsOutcomeAndIsCountedOnce(
      Fault fault, UpstreamOutcome outcome, int requests) {
    upstream.on(manifest().get()).then(fault);
    UpstreamException failure = failureOf(client.registry().getManifest(NGINX, image.digest()));
    assertThat(failure.outcome()).as(failure.getMessage()).isEqualTo(outcome);
    assertThat(failure)
        .hasMessageStartingWith("pulling manifest library/nginx@" + image.digest() + " from 127.");
    assertThat(client.counted(ContentKind.MANIFEST, outcome)).isEqualTo(1);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(1);
    assertThat(client.digestMismatches())
        .isEqualTo(outcome == UpstreamOutcome.DIGEST_MISMATCH ? 1 : 0);
    assertThat(upstream.count(manifest())).isEqualTo(requests);
  }

  @Test
  void truncatedManifestIsTriedAgainAndThenFails() {
    upstream.on(manifest().get()).then(cutAt(10, Cut.FIN));
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.CONNECT);
    assertThat(upstream.count(manifest())).isEqualTo(4);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(1);
  }

  @Test
  void lengthBeyondTheBodyFails() {
    upstream.on(manifest().get()).then(contentLength(100_000));
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.CONNECT);
  }

  @Test
  void endlessManifestIsCutOffAtTheLimit() {
    upstream.on(manifest().get()).then(endlessBody());
    failureOf(client.registry().getManifest(NGINX, TAG));
    upstream.awaitOpenConnections(Listener.REGISTRY, 0, SOON);
    assertThat(client.fetched(ContentKind.MANIFEST)).isLessThan(Manifest.MAX_SIZE + 128 * 1024);
  }

  @Test
  void serverErrorIsTriedAgainThreeTimes() {
    upstream.on(manifest().get()).times(3).then(status(503));
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(upstream.count(manifest())).isEqualTo(4);
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(1);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(1);
  }

  @Test
  void serverErrorThatAsksForMorePatienceThanThereIsIsNotTriedAgain() {
    upstream.on(manifest().get()).then(status(503), header("Retry-After", "70"));
    UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.SERVER_ERROR);
    assertThat(failure.retryAfter()).contains(Duration.ofSeconds(70));
    assertThat(upstream.count(manifest())).isEqualTo(1);
  }

  @Test
  void rateLimitTellsItsPatienceAndItsReason() {
    upstream.on(manifest().get()).then(tooManyRequests(Duration.ofMinutes(5)));
    UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(failure.status()).isEqualTo(429);
    assertThat(failure.retryAfter().map(Seconds::roundedUp)).contains(300L);
    assertThat(failure).hasMessageContaining("TOOMANYREQUESTS");
  }

  @Test
  void refusedConnectionFails() {
    upstream.goDown();
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.CONNECT);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(1);
  }

  @Test
  void unresolvableNameFails() {
    try (UpstreamClient lost =
        UpstreamClient.of("http://registry.invalid")
            .lookup(
                host -> {
                  throw new java.net.UnknownHostException(host);
                })
            .build()) {
      UpstreamException failure = failureOf(lost.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.CONNECT);
      assertThat(failure)
          .hasMessage(
              "pulling manifest library/nginx:1.27 from registry.invalid: host name not found");
    }
  }

  @Test
  void manifestIsVerbatim() {
    for (var reference : new dev.breakwater.oci.Reference[] {TAG, image.digest()}) {
      Manifest got = await(client.registry().getManifest(NGINX, reference)).manifest();
      assertThat(got.bytes()).isEqualTo(image.manifest().bytes());
      assertThat(got.digest()).isEqualTo(image.digest());
      assertThat(got.mediaType()).isEqualTo(image.mediaType());
    }
    assertThat(client.fetched(ContentKind.MANIFEST)).isEqualTo(2 * image.manifest().size());
    assertThat(upstream.requests(manifest()).getFirst().headers().all("Accept-Encoding"))
        .containsExactly("identity");
    assertThat(upstream.requests(manifest()).getFirst().headers().first("Accept").orElse(""))
        .contains(MediaType.MANIFESTS.stream().map(MediaType::value).toList());
  }

  @Test
  void manifestWithoutAnnouncedDigestIsTakenByTag() {
    upstream.on(manifest()).then(withoutHeader("Docker-Content-Digest"));
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  @Test
  void typeWithParametersIsUnderstood() {
    upstream.on(manifest()).then(contentType(image.mediaType() + "; charset=utf-8"));
    assertThat(await(client.registry().getManifest(NGINX, TAG)).manifest().mediaType())
        .isEqualTo(image.mediaType());
  }

  @Test
  void announcedSha512IsCheckedToo() {
    Digest right = Digest.of(DigestAlgorithm.SHA512, image.manifest().bytes());
    upstream.on(manifest()).once().then(contentDigest(right.toString()));
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    upstream.on(manifest()).then(contentDigest("sha512:" + "0".repeat(128)));
    assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.DIGEST_MISMATCH);
  }

  @Test
  void largeManifestIsTaken() {
    TestImage large = TestImage.docker().annotation("pad", "x".repeat(1_000_000)).build();
    upstream.put(NGINX.value(), "large", large);
    assertThat(await(client.registry().getManifest(NGINX, Tag.parse("large"))).digest())
        .isEqualTo(large.digest());
  }

  @Test
  void resultComesHomeToTheCallersContext() {
    Promise<Boolean> home = Promise.promise();
    Context context = client.vertx().getOrCreateContext();
    context.runOnContext(
        ignored ->
            client
                .registry()
                .getManifest(NGINX, TAG)
                .onComplete(result -> home.complete(context.equals(Vertx.currentContext()))));
    assertThat(await(home.future())).isTrue();
  }

  @Test
  void otherAddressOfTheNameIsTriedWhenOneRefuses() {
    int port = java.net.URI.create(upstream.url()).getPort();
    try (UpstreamClient named =
        UpstreamClient.of("http://registry.test:" + port)
            .lookup(
                host ->
                    List.of(
                        InetAddress.ofLiteral("127.0.0.99"), InetAddress.ofLiteral("127.0.0.1")))
            .build()) {
      assertThat(await(named.registry().getManifest(NGINX, TAG)).digest())
          .isEqualTo(image.digest());
      assertThat(upstream.requests(manifest()).getFirst().headers().first("Host"))
          .contains("registry.test:" + port);
    }
  }

  @Test
  void healthIsWhetherTheRegistryCanAnswer() {
    upstream.on(manifest()).once().then(status(404));
    upstream.on(manifest()).once().then(tooManyRequests(Duration.ofSeconds(60)));
    failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(client.isUp()).isTrue();
    failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(client.isUp()).isFalse();
    client.skip(java.time.Duration.ofSeconds(61));
    await(client.registry().getManifest(NGINX, TAG));
    assertThat(client.isUp()).isTrue();
  }

  @Test
  void connectionIsUsedAgain() {
    for (int i = 0; i < 5; i++) {
      await(client.registry().getManifest(NGINX, TAG));
      await(client.registry().headManifest(NGINX, TAG));
    }
    assertThat(upstream.connections(Listener.REGISTRY)).isEqualTo(1);
  }
}
