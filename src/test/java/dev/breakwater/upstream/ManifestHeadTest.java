package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.chunked;
import static dev.breakwater.testing.Faults.contentDigest;
import static dev.breakwater.testing.Faults.contentLength;
import static dev.breakwater.testing.Faults.htmlPage;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.Faults.withoutHeader;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestHeadTest {
  private static final Tag TAG = Tag.parse("1.27");

  private final TestImage image = TestImage.oci().layer(1000).build();
  private final FaultyRegistry upstream =
      FaultyRegistry.start().put(NGINX.value(), TAG.value(), image);
  private final UpstreamClient client = UpstreamClient.of(upstream).build();

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  static Stream<Arguments> wrongHeads() {
    return Stream.of(
        Arguments.of(contentDigest("sha256:" + "0".repeat(64)), UpstreamOutcome.DIGEST_MISMATCH),
        Arguments.of(contentDigest("sha256:short"), UpstreamOutcome.INVALID),
        Arguments.of(contentLength(5 << 20), UpstreamOutcome.INVALID),
        Arguments.of(status(404), UpstreamOutcome.NOT_FOUND),
        Arguments.of(tooManyRequests(Duration.ofMinutes(5)), UpstreamOutcome.RATE_LIMITED));
  }

  @ParameterizedTest
  @MethodSource("wrongHeads")
  void wrongHeadEndsInItsOutcome(Fault fault, UpstreamOutcome outcome) {
    upstream.on(manifest().head()).then(fault);
    UpstreamException failure = failureOf(client.registry().headManifest(NGINX, image.digest()));
    assertThat(failure.outcome()).as(failure.getMessage()).isEqualTo(outcome);
    assertThat(client.counted(ContentKind.MANIFEST, outcome)).isEqualTo(1);
    assertThat(upstream.count(manifest().get())).isZero();
  }

  @Test
  void htmlToHeadAndGetIsInvalid() {
    upstream.on(manifest()).then(htmlPage());
    assertThat(failureOf(client.registry().headManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.INVALID);
  }

  static Stream<Arguments> insufficientHeads() {
    return Stream.of(
        Arguments.of(withoutHeader("Docker-Content-Digest")),
        Arguments.of(withoutHeader("Content-Type")),
        Arguments.of(chunked()),
        Arguments.of(contentLength(0)),
        Arguments.of(status(400)),
        Arguments.of(status(401)),
        Arguments.of(status(403)),
        Arguments.of(status(405)),
        Arguments.of(status(501)));
  }

  @ParameterizedTest
  @MethodSource("insufficientHeads")
  void headThatSaysTooLittleIsFollowedByGet(Fault fault) {
    upstream.on(manifest().head()).then(fault);
    ManifestHead head = await(client.registry().headManifest(NGINX, TAG));
    assertThat(head)
        .isEqualTo(new ManifestHead(image.digest(), image.mediaType(), image.manifest().size()));
    assertThat(upstream.count(manifest().get())).isEqualTo(1);
    assertThat(client.counted(ContentKind.MANIFEST)).isEqualTo(1);
  }

  @Test
  void headSuffices() {
    ManifestHead head = await(client.registry().headManifest(NGINX, TAG));
    assertThat(head)
        .isEqualTo(new ManifestHead(image.digest(), image.mediaType(), image.manifest().size()));
    assertThat(upstream.count(manifest().get())).isZero();
  }

  @Test
  void whatHasNotChangedIsAnsweredWith304() {
    ManifestHead before =
        new ManifestHead(image.digest(), image.mediaType(), image.manifest().size());
    assertThat(await(client.registry().headManifest(NGINX, TAG, Optional.of(before))))
        .isEqualTo(before);
    assertThat(upstream.requests())
        .anySatisfy(
            request ->
                assertThat(request.headers().first("If-None-Match"))
                    .contains("\"" + image.digest() + "\""));
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.NOT_MODIFIED)).isEqualTo(1);
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isZero();
  }

  @Test
  void whatHasChangedIsAnsweredInFull() {
    Digest other = Digest.ofSha256(new byte[] {1});
    ManifestHead before = new ManifestHead(other, image.mediaType(), 17);
    assertThat(await(client.registry().headManifest(NGINX, TAG, Optional.of(before))).digest())
        .isEqualTo(image.digest());
    assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(1);
  }

  @Test
  void a304ThatWasNotAskedForIsInvalid() {
    upstream.on(manifest().head()).then(status(304));
    assertThat(failureOf(client.registry().headManifest(NGINX, TAG)).outcome())
        .isEqualTo(UpstreamOutcome.INVALID);
  }
}
