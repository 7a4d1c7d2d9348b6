package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.holdUntil;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Gate;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A registry gets no more requests at once than its limits allow. */
class RequestLimitTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final Duration SOON = Duration.ofSeconds(10);

  private final TestImage image = TestImage.docker().layer(1000).build();
  private final FaultyRegistry upstream =
      FaultyRegistry.start().put(NGINX.value(), TAG.value(), image);
  private final UpstreamClient client = UpstreamClient.of(upstream).requests(4, 2).build();

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  @Test
  void manifestsBeyondTheLimitWait() {
    Gate gate = new Gate();
    upstream.on(manifest()).then(holdUntil(gate));
    List<Future<?>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      calls.add(client.registry().getManifest(NGINX, TAG));
    }
    upstream.awaitRequests(manifest(), 2, SOON);
    gate.open();
    calls.forEach(UpstreamClient::await);
    assertThat(upstream.count(manifest())).isEqualTo(10);
    assertThat(upstream.maxConcurrent(ContentKind.MANIFEST)).isEqualTo(2);
    assertThat(upstream.connections(Listener.REGISTRY)).isLessThanOrEqualTo(2);
  }

  @Test
  void blobsHaveALimitOfTheirOwn() {
    Gate gate = new Gate();
    upstream.on(blobBytes()).then(holdUntil(gate));
    List<Future<byte[]>> downloads = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      downloads.add(client.download(image.layer(0).digest(), 0));
    }
    upstream.awaitRequests(blobBytes(), 4, SOON);
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest())
        .as("blobs do not make a manifest wait")
        .isEqualTo(image.digest());
    gate.open();
    downloads.forEach(download -> assertThat(await(download)).hasSize(1000));
    assertThat(upstream.maxConcurrent(ContentKind.BLOB)).isEqualTo(4);
  }
}
