package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.body;
import static dev.breakwater.testing.Faults.drip;
import static dev.breakwater.testing.Faults.redirectTo;
import static dev.breakwater.testing.Faults.stallAt;
import static dev.breakwater.testing.Faults.stallBeforeHead;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.testing.RequestMatcher.token;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slow heads, stalled and dripping bodies (docs/findings.md#time-limits). */
@org.junit.jupiter.api.Tag("slow")
class TimeLimitTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final Duration SOON = Duration.ofSeconds(10);

  private final TestImage image = TestImage.oci().layer(300_000).build();
  private final Content layer = image.layer(0);
  private final FaultyRegistry upstream =
      FaultyRegistry.builder()
          .bearer()
          .redirectBlobs()
          .start()
          .put(NGINX.value(), TAG.value(), image);

  @AfterEach
  void close() {
    upstream.close();
  }

  private UpstreamClient client(int headersMillis, int stallMillis, long floor, int windowMillis) {
    return UpstreamClient.of(upstream)
        .limits(limits(headersMillis, stallMillis, floor, windowMillis))
        .build();
  }

  private static TimeLimits limits(
      int headersMillis, int stallMillis, long floor, int windowMillis) {
    return new TimeLimits(
        Duration.ofSeconds(5),
        Duration.ofMillis(headersMillis),
        Duration.ofMillis(stallMillis),
        floor,
        Duration.ofMillis(windowMillis));
  }

  private UpstreamClient impatient() {
    return client(1500, 60_000, 0, 60_000);
  }

  private static void assertTimeout(UpstreamClient client, ContentKind kind, UpstreamException e) {
    assertThat(e.outcome()).as(e.getMessage()).isEqualTo(UpstreamOutcome.TIMEOUT);
    assertThat(client.counted(kind, UpstreamOutcome.TIMEOUT)).isEqualTo(1);
  }

  @Test
  void silentRegistryIsGivenUp() {
    upstream.on(manifest()).then(stallBeforeHead());
    try (UpstreamClient client = impatient()) {
      assertTimeout(
          client, ContentKind.MANIFEST, failureOf(client.registry().getManifest(NGINX, TAG)));
      upstream.awaitOpenConnections(Listener.REGISTRY, 0, SOON);
      assertThat(upstream.count(manifest())).as("its time was all there was").isEqualTo(1);
    }
  }

  @Test
  void silentTokenServerIsGivenUp() {
    upstream.on(token()).then(stallBeforeHead());
    try (UpstreamClient client = impatient()) {
      assertTimeout(
          client, ContentKind.MANIFEST, failureOf(client.registry().getManifest(NGINX, TAG)));
    }
  }

  @Test
  void silentCdnIsGivenUp() {
    upstream.on(blob().on(Listener.CDN)).then(stallBeforeHead());
    try (UpstreamClient client = impatient()) {
      assertTimeout(
          client,
          ContentKind.BLOB,
          failureOf(client.registry().openBlob(NGINX, layer.digest(), 0, OptionalLong.empty())));
      upstream.awaitOpenConnections(Listener.CDN, 0, SOON);
    }
  }

  @Test
  void manifestBodyMustComeWithinTheLimitToo() {
    upstream.on(manifest().get()).then(stallAt(10));
    try (UpstreamClient client = impatient()) {
      assertTimeout(
          client, ContentKind.MANIFEST, failureOf(client.registry().getManifest(NGINX, TAG)));
    }
  }

  @Test
  void drippingHeadIsGivenUp() {
    Vertx vertx = Vertx.vertx();
    NetServer dripping =
        await(
            vertx
                .createNetServer()
                .connectHandler(
                    socket -> {
                      socket.write("HTTP/1.1 200 OK\r\n");
                      long drip = vertx.setPeriodic(20, id -> socket.write("X: y\r\n"));
                      socket.closeHandler(closed -> vertx.cancelTimer(drip));
                    })
                .listen(0, "127.0.0.1"));
    try (UpstreamClient client =
        UpstreamClient.of("http://127.0.0.1:" + dripping.actualPort())
            .limits(limits(700, 60_000, 0, 60_000))
            .build()) {
      assertTimeout(
          client, ContentKind.MANIFEST, failureOf(client.registry().getManifest(NGINX, TAG)));
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void redirectWhoseBodyStallsIsFollowedAllTheSame() {
    upstream
        .on(manifest(NGINX.value(), TAG.value()))
        .then(
            redirectTo("/v2/library/nginx/manifests/" + image.digest()),
            body("no client waits for this"),
            stallAt(5));
    try (UpstreamClient client = client(5000, 5000, 0, 60_000)) {
      assertThat(await(client.registry().getManifest(NGINX, TAG)).digest())
          .isEqualTo(image.digest());
    }
  }

  @Test
  void stalledBodyFailsTheTransfer() {
    upstream.on(blob().on(Listener.CDN)).then(stallAt(1000));
    try (UpstreamClient client = client(10_000, 1000, 0, 60_000)) {
      UpstreamException failure = failureOf(client.download(layer.digest(), 0));
      assertTimeout(client, ContentKind.BLOB, failure);
      assertThat(failure).hasMessageContaining("no byte").hasMessageContaining("1000 of 300000");
      upstream.awaitOpenConnections(Listener.CDN, 0, SOON);
    }
  }

  @Test
  void dripBelowTheFloorFailsTheTransfer() {
    upstream.on(blob().on(Listener.CDN)).then(drip(2, Duration.ofMillis(50)));
    try (UpstreamClient client = client(10_000, 60_000, 10_000, 400)) {
      UpstreamException failure = failureOf(client.download(layer.digest(), 0));
      assertTimeout(client, ContentKind.BLOB, failure);
      assertThat(failure).hasMessageContaining("floor");
    }
  }

  @Test
  void ourOwnPauseIsNoStall() {
    try (UpstreamClient client = client(10_000, 500, 1, 500)) {
      Promise<byte[]> result = Promise.promise();
      client
          .vertx()
          .runOnContext(
              ignored ->
                  client
                      .registry()
                      .openBlob(NGINX, layer.digest(), 0, OptionalLong.empty())
                      .compose(
                          transfer ->
                              client
                                  .vertx()
                                  .timer(1200)
                                  .compose(late -> UpstreamClient.drain(transfer)))
                      .onComplete(result));
      assertThat(await(result.future())).isEqualTo(layer.bytes());
    }
  }
}
