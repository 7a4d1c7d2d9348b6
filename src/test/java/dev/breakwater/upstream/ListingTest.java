package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.body;
import static dev.breakwater.testing.Faults.contentType;
import static dev.breakwater.testing.Faults.endlessBody;
import static dev.breakwater.testing.Faults.header;
import static dev.breakwater.testing.Faults.htmlPage;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.RequestMatcher.referrers;
import static dev.breakwater.testing.RequestMatcher.tags;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ListingTest {
  private final TestImage image = TestImage.oci().layer(100).build();
  private final FaultyRegistry upstream = FaultyRegistry.builder().tagPage(2).start();
  private final UpstreamClient client = UpstreamClient.of(upstream).build();

  ListingTest() {
    for (String tag : List.of("b", "a", "1.27", "latest", "Z")) {
      upstream.put(NGINX.value(), tag, image);
    }
  }

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  static Stream<Arguments> wrongLists() {
    return Stream.of(
        Arguments.of(htmlPage(), UpstreamOutcome.INVALID),
        Arguments.of(body("{\"name\":\"x\"}"), UpstreamOutcome.INVALID),
        Arguments.of(body("{\"tags\":{}}"), UpstreamOutcome.INVALID),
        Arguments.of(body("[\"a\"]"), UpstreamOutcome.INVALID),
        Arguments.of(body("{\"tags\":[".repeat(2000)), UpstreamOutcome.INVALID),
        Arguments.of(endlessBody(), UpstreamOutcome.INVALID),
        Arguments.of(body(Content.generated(1, 9 << 20)), UpstreamOutcome.INVALID),
        Arguments.of(status(404), UpstreamOutcome.NOT_FOUND),
        Arguments.of(
            header("Link", "<https://evil.test/v2/x/tags/list>; rel=\"next\""),
            UpstreamOutcome.INVALID),
        Arguments.of(header("Link", "<file:///etc/passwd>; rel=next"), UpstreamOutcome.INVALID));
  }

  @ParameterizedTest
  @MethodSource("wrongLists")
  void wrongListEndsInItsOutcome(Fault fault, UpstreamOutcome outcome) {
    upstream.on(tags()).then(fault);
    UpstreamException failure = failureOf(client.registry().listTags(NGINX));
    assertThat(failure.outcome()).as(failure.getMessage()).isEqualTo(outcome);
    assertThat(failure).hasMessageStartingWith("listing the tags of library/nginx from 127.");
    assertThat(client.counted(ContentKind.TAGS, outcome)).isEqualTo(1);
  }

  @Test
  void listThatNeverEndsIsGivenUp() {
    upstream.on(tags()).then(header("Link", "</v2/library/nginx/tags/list?n=1000>; rel=\"next\""));
    assertThat(failureOf(client.registry().listTags(NGINX)).outcome())
        .isEqualTo(UpstreamOutcome.INVALID);
    assertThat(upstream.count(tags())).isEqualTo(200);
  }

  @Test
  void allPagesAreReadAndSorted() {
    assertThat(await(client.registry().listTags(NGINX)))
        .extracting(Tag::value)
        .containsExactly("1.27", "Z", "a", "b", "latest");
    assertThat(upstream.count(tags())).isEqualTo(3);
    assertThat(client.counted(ContentKind.TAGS, UpstreamOutcome.OK)).isEqualTo(1);
  }

  @Test
  void nullListIsEmpty() {
    upstream.on(tags()).then(body("{\"name\":\"library/nginx\",\"tags\":null}"));
    assertThat(await(client.registry().listTags(NGINX))).isEmpty();
  }

  @Test
  void whatIsNoTagIsLeftOut() {
    upstream
        .on(tags())
        .then(body("{\"tags\":[\"ok\",\"-no\",\"\",7,null,\"a/b\",\"../x\",\"ok\"]}"));
    assertThat(await(client.registry().listTags(NGINX))).containsExactly(Tag.parse("ok"));
  }

  @Test
  void missingReferrersApiIsEmpty() {
    try (FaultyRegistry old = FaultyRegistry.builder().withoutReferrers().start();
        UpstreamClient other = UpstreamClient.of(old.put(NGINX.value(), "1", image)).build()) {
      assertThat(await(other.registry().listReferrers(NGINX, image.digest(), Optional.empty())))
          .isEmpty();
      assertThat(other.counted(ContentKind.REFERRERS, UpstreamOutcome.NOT_FOUND)).isEqualTo(1);
      assertThat(other.counted(ContentKind.REFERRERS)).isEqualTo(1);
    }
  }

  static Stream<Arguments> wrongReferrers() {
    return Stream.of(
        Arguments.of(htmlPage()),
        Arguments.of(contentType("application/json")),
        Arguments.of(body("{\"manifests\":7}")),
        Arguments.of(body("<html>")),
        Arguments.of(endlessBody()));
  }

  @ParameterizedTest
  @MethodSource("wrongReferrers")
  void wrongReferrersAreInvalid(Fault fault) {
    upstream.on(referrers()).then(fault);
    assertThat(
            failureOf(client.registry().listReferrers(NGINX, image.digest(), Optional.empty()))
                .outcome())
        .isEqualTo(UpstreamOutcome.INVALID);
  }

  @Test
  void referrersAreVerbatimAndTellWhetherTheyAreFiltered() {
    TestImage signature =
        TestImage.oci().subject(image).artifactType("application/vnd.sig+json").build();
    upstream.put(NGINX.value(), signature);
    ReferrersAnswer all =
        await(client.registry().listReferrers(NGINX, image.digest(), Optional.empty()))
            .orElseThrow();
    assertThat(ManifestDocument.parse(MediaType.OCI_INDEX, all.index()).manifests())
        .extracting(descriptor -> descriptor.digest())
        .containsExactly(signature.digest());
    assertThat(all.filtered()).isFalse();
    ReferrersAnswer none =
        await(
                client
                    .registry()
                    .listReferrers(NGINX, image.digest(), Optional.of("application/other+json")))
            .orElseThrow();
    assertThat(ManifestDocument.parse(MediaType.OCI_INDEX, none.index()).manifests()).isEmpty();
    assertThat(none.filtered()).isTrue();
    assertThat(upstream.requests(referrers()).getLast().query())
        .isEqualTo("artifactType=application%2Fother%2Bjson");
  }

  @Test
  void unknownRepositoryIsNotFound() {
    assertThat(failureOf(client.registry().listTags(RepositoryName.parse("no/such"))).outcome())
        .isEqualTo(UpstreamOutcome.NOT_FOUND);
  }
}
