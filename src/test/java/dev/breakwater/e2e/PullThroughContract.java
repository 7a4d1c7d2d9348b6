package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** What pulling through Breakwater promises, for every client that can be had. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("peers")
abstract class PullThroughContract {
  private final TestImages images = TestImages.shared();

  /** Starts the client with {@code mirror} as its mirror of Docker Hub. */
  abstract ImageClient client(Workspace workspace, BreakwaterProcess mirror);

  @Test
  void everyBlobIsFetchedOnceAndPullingAgainCostsNoDownload(TestInfo test) {
    try (Workspace workspace = new Workspace(test);
        Upstream upstream = Upstream.start(workspace, images);
        BreakwaterProcess mirror =
            BreakwaterProcess.start(workspace, upstream.uri(), upstream.settings());
        ImageClient client = client(workspace, mirror)) {
      List<TestImage> pulled = images.without(client.lacks());
      pulled.forEach(image -> pullAndRun(client, image, image.byTag()));
      // Among them what the mirror wanted for itself, of which no client waits for the end.
      mirror.awaitNoDownloads();

      assertThat(upstream.log().fetchesSince(0)).as("upstream downloads").doesNotHaveDuplicates();
      for (TestImage image : pulled) {
        assertThat(image.needed())
            .as("blobs of %s", image.repository())
            .allSatisfy(digest -> assertThat(upstream.log().downloads(digest)).isEqualTo(1));
        assertThat(image.blobs())
            .as("blobs of %s on all platforms", image.repository())
            .allSatisfy(digest -> assertThat(upstream.log().downloads(digest)).isLessThan(2));
        assertThat(upstream.log().fetchesSince(0))
            .as("manifests of %s", image.repository())
            .filteredOn(path -> path.startsWith("/v2/" + image.repository() + "/manifests/"))
            .hasSizeBetween(1, image.manifests());
      }
      assertThat(upstream.tokensIssued()).isPositive();

      int mark = upstream.log().mark();
      client.emptyStore();
      pulled.forEach(image -> pullAndRun(client, image, image.byDigest()));
      client.emptyStore();
      pulled.forEach(image -> pullAndRun(client, image, image.byTag()));
      assertThat(upstream.log().fetchesSince(mark)).as("downloads for the second pull").isEmpty();
    }
  }

  /** The tags are no longer fresh when upstream goes, so that they are really served stale. */
  @Test
  void everythingIsPulledAgainWhenUpstreamIsGone(TestInfo test) {
    try (Workspace workspace = new Workspace(test);
        Upstream upstream = Upstream.start(workspace, images);
        BreakwaterProcess mirror =
            BreakwaterProcess.start(workspace, upstream.uri(), shortLived(upstream));
        ImageClient client = client(workspace, mirror)) {
      List<TestImage> pulled = images.without(client.lacks());
      pulled.forEach(image -> pullAndRun(client, image, image.byTag()));
      mirror.awaitNoDownloads();

      upstream.stop();
      client.emptyStore();
      pulled.forEach(image -> pullAndRun(client, image, image.byTag()));
      mirror.restart();
      client.emptyStore();
      pulled.forEach(image -> pullAndRun(client, image, image.byDigest()));
    }
  }

  private static Map<String, String> shortLived(Upstream upstream) {
    Map<String, String> settings = new HashMap<>(upstream.settings());
    settings.put("BREAKWATER_CACHE_TAG_TTL", "1s");
    return settings;
  }

  private static void pullAndRun(ImageClient client, TestImage image, String reference) {
    assertThat(client.pull(reference)).as(reference).isEqualTo(client.identityOf(image));
    assertThat(client.run(reference)).as("run %s", reference).isEqualTo(image.marker());
  }
}
