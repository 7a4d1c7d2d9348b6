package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.header;
import static dev.breakwater.testing.Faults.redirectTo;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static dev.breakwater.testing.RequestMatcher.referrers;
import static dev.breakwater.testing.RequestMatcher.tags;
import static dev.breakwater.testing.RequestMatcher.token;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A registry below a path of its host, as Artifactory and GitLab behind a proxy are. */
class PathPrefixTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String PREFIX = "/artifactory/api/docker/remote";
  private static final String TAGS = PREFIX + "/v2/" + NGINX + "/tags/list";

  private final TestImage image = TestImage.oci().layer(1000).build();
  private FaultyRegistry upstream = start(FaultyRegistry.builder().bearer().tokensOnRegistry());
  private UpstreamClient client = client();

  private FaultyRegistry start(FaultyRegistryBuilder builder) {
    FaultyRegistry registry =
        builder.prefix(PREFIX).account("alice", "pw").tagPage(2).referrersPage(1).start();
    for (String tag : List.of(TAG.value(), "a", "b", "c", "latest")) {
      registry.put(NGINX.value(), tag, image);
    }
    return registry;
  }

  private UpstreamClient client() {
    return UpstreamClient.of(upstream.url() + PREFIX).account("alice", "pw").build();
  }

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  private void assertPulls(UpstreamClient puller) {
    assertThat(await(puller.registry().headManifest(NGINX, TAG)).digest())
        .isEqualTo(image.digest());
    assertThat(await(puller.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(await(puller.registry().headBlob(NGINX, image.layer(0).digest()))).hasValue(1000);
    assertThat(await(puller.download(image.layer(0).digest(), 0))).hasSize(1000);
  }

  @Test
  void manifestsBlobsAndTokensAreBelowThePath() {
    assertPulls(client);
    assertThat(upstream.count(token())).isEqualTo(1);
    assertThat(upstream.requests(any()))
        .isNotEmpty()
        .allSatisfy(request -> assertThat(request.path()).startsWith(PREFIX + "/"));
  }

  @Test
  void mirrorMayHaveAPathOfItsOwn() {
    try (FaultyRegistry down = FaultyRegistry.start();
        UpstreamClient mirrored =
            UpstreamClient.of(down.url() + "/other").mirror(upstream.url() + PREFIX).build()) {
      down.goDown();
      assertPulls(mirrored);
    }
  }

  @Test
  void nextPageWithoutThePathIsBelowIt() {
    assertAllTags();
    assertThat(upstream.requests(tags()))
        .hasSize(3)
        .allSatisfy(request -> assertThat(request.path()).isEqualTo(TAGS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%p?last=a&n=2",
        "?last=a&n=2",
        "list?last=a&n=2",
        "../tags/list?last=a&n=2",
        "%h%p?last=a&n=2"
      })
  void nextPageMayBeWrittenInEveryWay(String reference) {
    String link = reference.replace("%h", upstream.url()).replace("%p", TAGS);
    upstream.on(tags()).once().then(header("Link", "<" + link + ">; rel=\"next\""));
    assertAllTags();
    assertThat(upstream.requests(tags()))
        .hasSize(3)
        .allSatisfy(request -> assertThat(request.path()).isEqualTo(TAGS));
  }

  private void assertAllTags() {
    assertThat(await(client.registry().listTags(NGINX)))
        .extracting(Tag::value)
        .containsExactly("1.27", "a", "b", "c", "latest");
  }

  @Test
  void referrersAreBelowThePath() {
    await(client.registry().listReferrers(NGINX, image.digest()));
    assertThat(upstream.requests(referrers()))
        .isNotEmpty()
        .allSatisfy(
            request ->
                assertThat(request.path())
                    .isEqualTo(PREFIX + "/v2/" + NGINX + "/referrers/" + image.digest()));
  }

  @Test
  void redirectsOfBlobsMayBeRelativeToTheRequestOrToTheHost() {
    String digest = image.layer(0).digest().toString();
    String blobs = PREFIX + "/v2/" + NGINX + "/blobs/";
    for (String location : List.of("./" + digest + "?at=1", blobs + digest + "?at=2")) {
      upstream.heal();
      upstream.on(blobBytes()).once().then(redirectTo(location));
      assertThat(await(client.download(image.layer(0).digest(), 0))).as(location).hasSize(1000);
    }
    assertThat(upstream.requests(blobBytes()))
        .extracting(request -> request.path() + "?" + request.query())
        .containsExactly(
            blobs + digest + "?",
            blobs + digest + "?at=1",
            blobs + digest + "?",
            blobs + digest + "?at=2");
  }

  @Test
  void redirectToTheContentNetworkLeavesCredentialsBehind() {
    close();
    upstream = start(FaultyRegistry.builder().bearer().tokensOnRegistry().redirectBlobs());
    client = client();
    assertPulls(client);
    assertThat(upstream.credentialsSeenBy(Listener.CDN)).isEmpty();
  }

  @Test
  void messageDoesNotHideThatThePathIsWrong() {
    try (UpstreamClient wrong =
        UpstreamClient.of(upstream.url() + "/elsewhere").account("alice", "pw").build()) {
      assertThat(failureOf(wrong.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.NOT_FOUND);
    }
  }
}
