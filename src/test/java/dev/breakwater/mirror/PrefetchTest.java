package dev.breakwater.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.mirror.download.LearnedSegments;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Tag;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefetchTest {
  private static final Tag LATEST = new Tag("latest");

  /** So much that it may come by several connections, whose shares are too small to be cut. */
  private static final int LARGE = 12_000;

  @TempDir Path data;
  private final byte[] content = new byte[2000];
  private Digest digest;
  private MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    new Random(5).nextBytes(content);
    digest = Digest.ofSha256(content);
    mirror = new MirrorFixture(data, MirrorFixture.SETTINGS, true);
    mirror.hub.put(LATEST, image());
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  @Test
  void aStoredManifestFetchesItsBlobsBeforeAnyoneAsks() throws Exception {
    pullManifest();
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(mirror.store.contains(digest)).isTrue();
    assertThat(mirror.hub.manifestGets).as("counted pulls").hasValue(1);
  }

  @Test
  void theFirstClientOfWhatIsOnItsWayIsAMissAndTheNextIsCollapsed() throws Exception {
    pullManifest();
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    Served<BlobBody> joined = mirror.open(mirror.nginx(), digest).await(10, SECONDS);
    assertThat(joined.provenance().result()).isEqualTo(CacheResult.MISS);
    Served<BlobBody> next = mirror.open(mirror.nginx(), digest).await(10, SECONDS);
    assertThat(next.provenance().result()).isEqualTo(CacheResult.COLLAPSED);
    next.value().close();
    Future<Buffer> answer = mirror.readAll(joined.value());
    transfer.send(content, 10, 2000).end();
    assertThat(answer.await(10, SECONDS)).isEqualTo(Buffer.buffer(content));
    assertThat(mirror.hub.blobGets).hasValue(1);
  }

  @Test
  void aClientThatLeavesDoesNotStopIt() throws Exception {
    pullManifest();
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    mirror.open(mirror.nginx(), digest).await(10, SECONDS).value().close();
    transfer.send(content, 10, 2000).end();
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(mirror.store.contains(digest)).isTrue();
  }

  @Test
  void whatNoClientWaitsForHasOneConnectionAndMoreOnceAClientDoes() throws Exception {
    byte[] large = new byte[LARGE];
    new Random(6).nextBytes(large);
    digest = Digest.ofSha256(large);
    mirror.hub.put(LATEST, image(large.length));
    LearnedSegments.learned(mirror.downloads, mirror.hub.zone(), 4);
    pullManifest();
    ScriptedTransfer front = mirror.hub.nextTransfer().answer(large.length).send(large, 0, 10);
    Served<BlobBody> joined = mirror.open(mirror.nginx(), digest).await(10, SECONDS);
    Future<Buffer> answer = mirror.readAll(joined.value());
    List<ScriptedTransfer> more = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      more.add(mirror.hub.nextTransfer());
    }
    front.send(large, 10, end(front)).end();
    for (ScriptedTransfer transfer : more) {
      transfer.answer(large.length).send(large, (int) transfer.first, end(transfer)).end();
    }
    assertThat(answer.await(10, SECONDS)).isEqualTo(Buffer.buffer(large));
    assertThat(mirror.hub.blobGets).hasValue(4);
  }

  @Test
  void whatNoClientWaitsForComesByOneConnectionAfterTheOther() throws Exception {
    byte[] large = new byte[LARGE];
    new Random(7).nextBytes(large);
    digest = Digest.ofSha256(large);
    mirror.hub.put(LATEST, image(large.length));
    LearnedSegments.learned(mirror.downloads, mirror.hub.zone(), 4);
    pullManifest();
    int received = 0;
    while (received < large.length) {
      ScriptedTransfer only = mirror.hub.nextTransfer();
      assertThat(only.first).isEqualTo(received);
      received = end(only);
      only.answer(large.length).send(large, (int) only.first, received - 1);
      assertThat(mirror.hub.hasTransfer()).as("another beside it").isFalse();
      only.send(large, received - 1, received).end();
    }
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(mirror.store.contains(digest)).isTrue();
  }

  @Test
  void anIndexFetchesNothing() throws Exception {
    byte[] bytes =
        ("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\""
                + MediaType.OCI_MANIFEST
                + "\",\"digest\":\""
                + digest
                + "\",\"size\":5}]}")
            .getBytes(UTF_8);
    mirror.hub.put(LATEST, new Manifest(Digest.ofSha256(bytes), MediaType.OCI_INDEX, bytes));
    pullManifest();
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(mirror.hub.blobGets).hasValue(0);
    assertThat(mirror.hub.manifestGets).hasValue(1);
  }

  @Test
  void anImageThatIsTooLargeForAQuarterOfTheCacheIsLeftToClients() throws Exception {
    mirror.hub.put(LATEST, image(250_001));
    pullManifest();
    mirror.hub.put(LATEST, image(Long.MAX_VALUE));
    pullManifest();
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(mirror.hub.blobGets).hasValue(0);
  }

  @Test
  void whatNoClientAsksForStopsAndTheBytesAreKept() throws Exception {
    restart(Duration.ofMillis(100), Duration.ofMillis(100));
    pullManifest();
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 1500);
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(data.resolve("downloads/" + digest.hex() + ".part")).exists();
    assertThat(mirror.store.contains(digest)).isFalse();
  }

  @Test
  void aBlobThatIsLargerThanItsManifestSaysIsNotPrefetched() throws Exception {
    mirror.hub.put(LATEST, image(100));
    pullManifest();
    mirror.hub.nextTransfer().answer(2000);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 1000);
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(mirror.store.contains(digest)).isFalse();
    assertThat(mirror.hub.hasTransfer()).isFalse();
  }

  @Test
  void oneUpstreamsPrefetchesDoNotHoldUpThoseOfAnother() throws Exception {
    mirror.hub.put(LATEST, image(2000, 10));
    pullManifest();
    for (int i = 0; i < 6; i++) {
      mirror.hub.nextTransfer();
    }
    mirror.other.put(LATEST, image());
    mirror.onLoop(() -> mirror.elsewhere("app").manifests().get(LATEST)).await(10, SECONDS);
    mirror.other.nextTransfer().answer(2000).send(content).end();
  }

  private void restart(Duration firstAsk, Duration nextAsk) throws Exception {
    mirror.close();
    mirror =
        new MirrorFixture(
            data,
            MirrorFixture.SETTINGS,
            new Prefetch.Settings(true, 1_000_000, firstAsk, nextAsk));
    mirror.hub.put(LATEST, image());
  }

  private static Manifest image(long size, int layers) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      texts.add(
          "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\""
              + Digest.ofSha256(new byte[] {(byte) i})
              + "\",\"size\":"
              + size
              + "}");
    }
    byte[] bytes =
        ("{\"schemaVersion\":2,\"layers\":[" + String.join(",", texts) + "]}").getBytes(UTF_8);
    return new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
  }

  private static int end(ScriptedTransfer transfer) {
    return (int) transfer.last.orElse(LARGE - 1) + 1;
  }

  private void pullManifest() throws Exception {
    mirror.onLoop(() -> mirror.nginx().manifests().get(LATEST)).await(10, SECONDS);
  }

  private Manifest image() {
    return image(content.length);
  }

  private Manifest image(long size) {
    byte[] bytes =
        ("{\"schemaVersion\":2,\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\","
             + "\"digest\":\""
                + digest
                + "\",\"size\":"
                + size
                + "}]}")
            .getBytes(UTF_8);
    return new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
  }
}
