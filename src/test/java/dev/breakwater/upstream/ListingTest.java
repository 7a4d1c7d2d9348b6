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
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.SeenRequest;
import dev.breakwater.testing.TestImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@org.junit.jupiter.api.Tag("slow")
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
      assertThat(await(other.registry().listReferrers(NGINX, image.digest()))).isEmpty();
      assertThat(other.counted(ContentKind.REFERRERS, UpstreamOutcome.NOT_FOUND)).isEqualTo(1);
      assertThat(other.counted(ContentKind.REFERRERS)).isEqualTo(1);
    }
  }

  static Stream<Fault> noReferrersApi() {
    return Stream.of(
        htmlPage(),
        status(400),
        status(404),
        status(405),
        status(406),
        status(410),
        status(501),
        contentType("application/json"),
        contentType("application/vnd.docker.distribution.manifest.list.v2+json"),
        body("{}"),
        body("{\"errors\":[]}"),
        body("{\"manifests\":7}"),
        body("<html>"),
        body(""));
  }

  @ParameterizedTest
  @MethodSource("noReferrersApi")
  void registryWithoutReferrersApiIsNotSuspended(Fault fault) {
    upstream.on(referrers()).then(fault);
    assertThat(await(client.registry().listReferrers(NGINX, image.digest()))).isEmpty();
    // A page of HTML may be an accident.
    assertThat(upstream.count(referrers())).isEqualTo(fault.toString().equals("html") ? 4 : 1);
    assertThat(client.registry().health(ContentKind.REFERRERS).mayAsk()).isTrue();
    upstream.heal();
    assertThat(await(client.registry().listReferrers(NGINX, image.digest()))).isPresent();
  }

  static Stream<Arguments> failedReferrers() {
    return Stream.of(
        Arguments.of(endlessBody(), UpstreamOutcome.INVALID),
        Arguments.of(status(401), UpstreamOutcome.UNAUTHORIZED),
        Arguments.of(status(403), UpstreamOutcome.DENIED),
        Arguments.of(status(429), UpstreamOutcome.RATE_LIMITED),
        Arguments.of(status(502), UpstreamOutcome.SERVER_ERROR),
        Arguments.of(
            header("Link", "<https://evil.test/v2/x/referrers/y>; rel=\"next\""),
            UpstreamOutcome.INVALID));
  }

  @ParameterizedTest
  @MethodSource("failedReferrers")
  void failureIsNotTakenForAMissingReferrersApi(Fault fault, UpstreamOutcome outcome) {
    upstream.on(referrers()).then(fault);
    assertThat(failureOf(client.registry().listReferrers(NGINX, image.digest())).outcome())
        .isEqualTo(outcome);
  }

  @Test
  void allPagesOfReferrersAreMerged() {
    try (FaultyRegistry paged = FaultyRegistry.builder().referrersPage(2).start();
        UpstreamClient other = UpstreamClient.of(paged).build()) {
      List<Digest> referrers = referrersIn(paged, 5);
      assertThat(
              await(other.registry().listReferrers(NGINX, image.digest())).orElseThrow().digests())
          .containsExactlyInAnyOrderElementsOf(referrers);
      assertThat(paged.requests(referrers()))
          .extracting(SeenRequest::query)
          .containsExactly("", "after=2", "after=4");
      assertThat(other.counted(ContentKind.REFERRERS, UpstreamOutcome.OK)).isEqualTo(1);
    }
  }

  @Test
  void laterPageThatIsNoListingFailsTheWhole() {
    try (FaultyRegistry paged = FaultyRegistry.builder().referrersPage(2).start();
        UpstreamClient other = UpstreamClient.of(paged).build()) {
      referrersIn(paged, 3);
      for (Fault fault : List.of(htmlPage(), body("{}"))) {
        paged.heal();
        paged
            .on(referrers().and("a later page", request -> !request.query().isEmpty()))
            .then(fault);
        assertThat(failureOf(other.registry().listReferrers(NGINX, image.digest())).outcome())
            .isEqualTo(UpstreamOutcome.INVALID);
      }
    }
  }

  @Test
  void referrersOfMoreThanFourMebibytesInAllPagesAreRefused() {
    String page = "{\"manifests\":[],\"x\":\"" + "x".repeat(1 << 20) + "\"}";
    upstream
        .on(referrers())
        .then(
            body(page),
            contentType(MediaType.OCI_INDEX.value()),
            header("Link", "</v2/library/nginx/referrers/x>; rel=\"next\""));
    assertThat(failureOf(client.registry().listReferrers(NGINX, image.digest())).outcome())
        .isEqualTo(UpstreamOutcome.INVALID);
    assertThat(upstream.count(referrers())).isEqualTo(4);
  }

  private List<Digest> referrersIn(FaultyRegistry registry, int count) {
    registry.put(NGINX.value(), "1", image);
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TestImage signature =
          TestImage.oci().subject(image).artifactType("application/vnd.sig" + i + "+json").build();
      registry.put(NGINX.value(), signature);
      digests.add(signature.digest());
    }
    return digests;
  }

  @Test
  void unknownRepositoryIsNotFound() {
    assertThat(failureOf(client.registry().listTags(RepositoryName.parse("no/such"))).outcome())
        .isEqualTo(UpstreamOutcome.NOT_FOUND);
  }
}
