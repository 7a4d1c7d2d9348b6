package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.testing.TestImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What upstreams.NAME.allow and deny do not let through leaves by no path, cached or not. */
class DeniedRepositoriesTest extends UpstreamFaults {
  private static final String SECRET = "team/secret";

  private final TestImage other = TestImage.oci().seed(7).layer(1000).build();
  private final AccessLines lines = new AccessLines();

  @AfterEach
  void stopListening() {
    lines.close();
  }

  /** Restarts over the same cache, with prefetches, so that they would show at upstream. */
  private void restart(Map<String, String> rules) throws Exception {
    client.close();
    mirror.close();
    RunningMirror.Builder builder = RunningMirror.of(upstream, data);
    rules.forEach((key, value) -> builder.set("BREAKWATER_UPSTREAMS_DOCKER_IO_" + key, value));
    mirrorOf(builder);
  }

  /** Every way to ask for something of an image. */
  private static List<String> paths(String repository, TestImage image) {
    String base = "/v2/" + repository;
    return List.of(
        base + "/manifests/" + TAG,
        base + "/manifests/" + image.digest(),
        base + "/blobs/" + image.config().digest(),
        base + "/blobs/" + image.layer(0).digest(),
        base + "/tags/list",
        base + "/referrers/" + image.digest());
  }

  private void drain() {
    while (!lines.isEmpty()) {
      lines.next();
    }
  }

  private void assertDenied(String repository, TestImage image, String reason) throws Exception {
    int asked = upstream.requests().size();
    long counted = mirror.metric("failed_requests_total", "cause=\"denied\"");
    int refused = 0;
    drain();
    for (String path : paths(repository, image)) {
      Reply reply = client.get(path);
      assertThat(reply.status()).as(path).isEqualTo(404);
      assertThat(reply.message()).as(path).contains(reason);
      assertThat(lines.next())
          .as(path)
          .containsEntry("cause", FailureCause.DENIED.word())
          .containsEntry("cache", "negative");
      assertThat(client.head(path).status()).as("HEAD %s", path).isEqualTo(404);
      assertThat(lines.next()).containsEntry("cause", "denied");
      refused += 2;
    }
    Reply part = client.blob(repository, image.layer(0).digest(), 10);
    assertThat(part.status()).as("Range").isEqualTo(404);
    assertThat(lines.next()).containsEntry("cause", "denied");
    assertThat(mirror.metric("failed_requests_total", "cause=\"denied\""))
        .isEqualTo(counted + refused + 1);
    assertThat(upstream.requests()).as("nothing is asked upstream").hasSize(asked);
    assertThat(lines.warnings()).isEmpty();
  }

  @Test
  void whatIsCachedIsRefusedAndUpstreamIsNotAsked() throws Exception {
    start();
    upstream.put(SECRET, TAG, other);
    pull(image);
    assertThat(client.manifest(SECRET, TAG).status()).isEqualTo(200);
    restart(Map.of("DENY", "team/*"));
    assertDenied(SECRET, other, "upstreams.docker.io.deny has team/*");
    assertRight(manifest(), image.manifest());
    assertRight(fetch(layer), layer);
  }

  @Test
  void whatIsNotCachedIsRefusedAndUpstreamIsNotAsked() throws Exception {
    start();
    upstream.put(SECRET, TAG, other);
    restart(Map.of("ALLOW", "nginx"));
    assertDenied(SECRET, other, "upstreams.docker.io.allow does not have it");
    assertRight(manifest(), image.manifest());
  }

  @Test
  void officialImageIsDeniedByWhateverNameItIsAskedFor() throws Exception {
    start();
    pull(image);
    restart(Map.of("ALLOW", "*", "DENY", "nginx"));
    assertDenied(NGINX, image, "upstreams.docker.io.deny has nginx");
    for (String path :
        List.of(
            "/v2/nginx/manifests/" + TAG,
            "/v2/docker.io/library/nginx/manifests/" + TAG,
            "/v2/docker.io/nginx/manifests/" + TAG + "?ns=docker.io",
            "/docker.io/v2/nginx/manifests/" + TAG,
            "/v2/nginx/manifests/" + TAG + "?ns=index.docker.io")) {
      assertThat(client.get(path).status()).as(path).isEqualTo(404);
    }
  }

  @Test
  void thereIsNoStaleAnswerWhenUpstreamIsDown() throws Exception {
    start();
    pull(image);
    restart(Map.of("DENY", NGINX, "TAG_TTL", "0s", "OFFLINE", "true"));
    upstream.goDown();
    assertDenied(NGINX, image, "deny has " + NGINX);
  }

  @Test
  void sharedLayerIsServedThroughTheRepositoryThatIsAllowed() throws Exception {
    start();
    upstream.put(SECRET, TAG, image);
    pull(image);
    assertThat(client.manifest(SECRET, TAG).status()).isEqualTo(200);
    restart(Map.of("DENY", SECRET));
    assertDenied(SECRET, image, "deny has " + SECRET);
    assertRight(fetch(layer), layer);
  }
}
