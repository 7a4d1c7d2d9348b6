package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** A service of a swarm whose node has Breakwater as its mirror of Docker Hub. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("peers")
class SwarmServiceIT {
  /** As when Docker Hub is down: a manager that cannot ping it leaves the tag to the nodes. */
  @Test
  void tasksRunByTagAndByDigestAlsoOnANodeWithoutImagesWhileUpstreamIsGone(TestInfo test) {
    TestImages images = TestImages.shared();
    try (Workspace workspace = new Workspace(test);
        Upstream upstream = Upstream.start(workspace, images);
        PrivateNetwork network = new PrivateNetwork();
        BreakwaterProcess mirror =
            BreakwaterProcess.startAt(
                workspace, network.freeAddress(), upstream.uri(), upstream.settings());
        Dockerd docker = new Dockerd(workspace, mirror, network)) {
      List<TestImage> pulled = images.without(docker.lacks());
      Swarm swarm = Swarm.init(docker.cli());
      for (TestImage image : pulled) {
        String service = swarm.create(image.byTag());
        assertThat(swarm.output(service)).as("run %s", image.byTag()).isEqualTo(image.marker());
      }
      mirror.awaitNoDownloads();
      assertThat(upstream.log().fetchesSince(0)).as("upstream downloads").doesNotHaveDuplicates();

      // A node that has lost its images, while upstream is gone.
      upstream.stop();
      docker.emptyStore();
      Swarm again = Swarm.init(docker.cli());
      for (TestImage image : pulled) {
        String service = again.create(image.byDigest());
        assertThat(again.output(service)).as("run %s", image.byDigest()).isEqualTo(image.marker());
      }
    }
  }
}
