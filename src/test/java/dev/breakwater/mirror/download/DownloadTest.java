package dev.breakwater.mirror.download;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.mirror.ScriptedTransfer;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Eventually;
import dev.breakwater.upstream.BlobTransfer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
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
  private final BlockingQueue<ScriptedTransfer> opened = new LinkedBlockingQueue<>();
  private DownloadFixture fixture;

  @BeforeEach
  void start() throws Exception {
    new Random(7).nextBytes(content);
    digest = Digest.ofSha256(content);
    fixture = new DownloadFixture(data);
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  /** With a follower that reads nothing, so that it goes on. */
  private Download begin(LongFunction<Future<Void>> publish) throws Exception {
    DownloadParts parts =
        fixture.parts(digest, new ScriptedSource(this::open), new DownloadFixture.Owner(publish));
    Promise<Download> begun = Promise.promise();
    fixture.vertx.runOnContext(
        ignored -> {
          Download download = new Download(parts, -1);
          download.follow(Optional.empty());
          download.begin();
          begun.complete(download);
        });
    return begun.future().await(10, SECONDS);
  }

  private ScriptedTransfer nextTransfer() throws Exception {
    ScriptedTransfer transfer = opened.poll(10, SECONDS);
    assertThat(transfer).isNotNull();
    return transfer;
  }

  /** Its transfers are sent by hand. */
  private Future<BlobTransfer> open(Digest digest, long first, OptionalLong last) {
    ScriptedTransfer transfer =
        new ScriptedTransfer(fixture.vertx.getOrCreateContext(), digest, first, last);
    opened.add(transfer);
    return transfer.head();
  }

  @Test
  void aHealthyDownloadIsOverOnlyWhenItHasEnded() throws Exception {
    Download download = begin(size -> Future.succeededFuture());
    assertThat(download.isOver()).isFalse();
    ScriptedTransfer transfer = nextTransfer().answer(SIZE).send(content, 0, 1000);
    download.opened().await(10, SECONDS);
    assertThat(download.isOver()).as("half of it is here").isFalse();
    transfer.send(content, 1000, SIZE).end();
    download.ended().await(10, SECONDS);
    assertThat(download.isOver()).isTrue();
  }

  @Test
  void anIndexThatDoesNotTakeTheBlobIsNoSuccess() throws Exception {
    Download download = begin(size -> Future.failedFuture("scripted: the index is read-only"));
    nextTransfer().answer(SIZE).send(content).end();
    assertThatThrownBy(() -> download.ended().await(10, SECONDS))
        .hasMessageContaining("the index is read-only");
    assertThat(fixture.store.contains(digest)).as("it is stored all the same").isTrue();
    assertThat(download.isOver()).isTrue();
  }

  @Test
  void anIndexThatThrowsEndsTheDownloadToo() throws Exception {
    Download download =
        begin(
            size -> {
              throw new IllegalStateException("scripted: closed");
            });
    nextTransfer().answer(SIZE).send(content).end();
    assertThatThrownBy(() -> download.ended().await(10, SECONDS))
        .hasMessageContaining("scripted: closed");
  }

  @Test
  void aDownloadThatIsStoppedKeepsItsBytes() throws Exception {
    Download download = begin(size -> Future.succeededFuture());
    nextTransfer().answer(SIZE).send(content, 0, 1000);
    download.opened().await(10, SECONDS);
    Eventually.until("half of it is here", () -> download.describe().received() == 1000);
    download.stop();
    assertThatThrownBy(() -> download.ended().await(10, SECONDS))
        .hasMessageContaining("the server stops");
    assertThat(fixture.partFile(digest)).hasSize(1000);
  }
}
