package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.cutAt;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Cut;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LargeBodiesTest {
  @Test
  void bodyBeyondThePermitsWaitsForOneToBeReleased() {
    LargeBodies bodies = new LargeBodies(2);
    assertThat(bodies.acquire().isComplete()).isTrue();
    assertThat(bodies.acquire().isComplete()).isTrue();
    Future<Void> third = bodies.acquire();
    Future<Void> fourth = bodies.acquire();
    assertThat(third.isComplete()).isFalse();
    bodies.release();
    assertThat(third.isComplete()).isTrue();
    assertThat(fourth.isComplete()).isFalse();
    bodies.release();
    bodies.release();
    bodies.release();
    assertThat(bodies.acquire().isComplete()).isTrue();
  }

  @Test
  void manyLargeManifestsAtOnceAllArriveAndBrokenOnesKeepNoPermit() {
    try (FaultyRegistry upstream = FaultyRegistry.start();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      List<TestImage> images = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        TestImage image = TestImage.docker().annotation("pad", i + "x".repeat(1_000_000)).build();
        images.add(image);
        upstream.put(NGINX.value(), "large" + i, image);
      }
      upstream.on(manifest().get()).then(cutAt(200_000, Cut.FIN));
      for (int i = 0; i < 2 * BodyReader.LARGE_BODIES; i++) {
        assertThat(
                failureOf(client.registry().getManifest(NGINX, Tag.parse("large" + i))).outcome())
            .isEqualTo(UpstreamOutcome.CONNECT);
      }
      upstream.heal();
      client.skip(CircuitBreaker.LONGEST_WAIT);
      List<Future<PulledManifest>> pulls = new ArrayList<>();
      for (TestImage image : images) {
        pulls.add(client.registry().getManifest(NGINX, image.digest()));
      }
      for (int i = 0; i < images.size(); i++) {
        assertThat(await(pulls.get(i)).digest()).isEqualTo(images.get(i).digest());
      }
    }
  }
}
