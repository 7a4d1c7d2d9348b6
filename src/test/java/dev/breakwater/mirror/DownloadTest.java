package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Digest;
import dev.breakwater.storage.PartFile;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One download without the table of downloads. */
class DownloadTest {
  private static final int SIZE = 2000;

  @TempDir Path data;
  private final byte[] content = new byte[SIZE];
  private Digest digest;
  private MirrorFixture mirror;
  private PartFile part;

  @BeforeEach
  void start() throws Exception {
    new Random(7).nextBytes(content);
    digest = Digest.ofSha256(content);
    mirror = new MirrorFixture(data);
    part = mirror.store.parts().open(digest).orElseThrow();
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  /** With a follower that reads nothing, so that it goes on. */
  private Download begin(LongFunction<Future<Void>> publish) throws Exception {
    return mirror
        .onLoop(
            () -> {
              Download download =
                  new Download(
                      mirror.vertx,
                      digest,
                      new UpstreamBlobSource(mirror.hub, MirrorFixture.NGINX),
                      -1,
                      new DownloadParts(
                          part,
                          mirror.store.parts().threads(),
                          mirror.budget,
                          new DownloadMemory(1 << 20),
                          new TransferSlots(8),
                          new SegmentHistory(System::nanoTime),
                          1,
                          () -> false,
                          MirrorFixture.SETTINGS,
                          mirror.metrics),
                      publish);
              download.follow(Optional.empty());
              download.begin();
              return Future.succeededFuture(download);
            })
        .await(10, SECONDS);
  }

  @Test
  void aHealthyDownloadIsOverOnlyWhenItHasEnded() throws Exception {
    Download download = begin(size -> Future.succeededFuture());
    assertThat(download.isOver()).isFalse();
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(SIZE).send(content, 0, 1000);
    download.opened().await(10, SECONDS);
    assertThat(download.isOver()).as("half of it is here").isFalse();
    transfer.send(content, 1000, SIZE).end();
    download.ended().await(10, SECONDS);
    assertThat(download.isOver()).isTrue();
  }

  @Test
  void anIndexThatDoesNotTakeTheBlobIsNoSuccess() throws Exception {
    Download download = begin(size -> Future.failedFuture("scripted: the index is read-only"));
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertThatThrownBy(() -> download.ended().await(10, SECONDS))
        .hasMessageContaining("the index is read-only");
    assertThat(mirror.store.contains(digest)).as("it is stored all the same").isTrue();
    assertThat(download.isOver()).isTrue();
  }

  @Test
  void anIndexThatThrowsEndsTheDownloadToo() throws Exception {
    Download download =
        begin(
            size -> {
              throw new IllegalStateException("scripted: closed");
            });
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertThatThrownBy(() -> download.ended().await(10, SECONDS))
        .hasMessageContaining("scripted: closed");
  }

  @Test
  void aDownloadThatIsStoppedKeepsItsBytes() throws Exception {
    Download download = begin(size -> Future.succeededFuture());
    mirror.hub.nextTransfer().answer(SIZE).send(content, 0, 1000);
    download.opened().await(10, SECONDS);
    Eventually.until("half of it is here", () -> download.describe().received() == 1000);
    download.stop();
    assertThatThrownBy(() -> download.ended().await(10, SECONDS))
        .hasMessageContaining("the server stops");
    assertThat(data.resolve("downloads/" + digest.hex() + ".part")).hasSize(1000);
  }
}
