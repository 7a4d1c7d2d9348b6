package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More downloads are wanted than run at once. */
class CrowdedMirrorTest {
  private static final byte[] FIRST = new byte[2000];
  private static final byte[] SECOND = new byte[2001];
  private static final Digest ONE = Digest.ofSha256(FIRST);
  private static final Digest OTHER = Digest.ofSha256(SECOND);

  @TempDir Path data;
  private MirrorFixture mirror;

  private void start(Duration patience) throws Exception {
    mirror =
        new MirrorFixture(data, MirrorFixture.settings(1, patience, Duration.ofSeconds(10)), false);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.await(10, SECONDS);
  }

  private static void assertTellsToAskAgain(Future<?> answer) {
    assertThatThrownBy(() -> get(answer))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BLOB_UNKNOWN))
        .hasMessageContaining("ask again");
  }

  @Test
  void whoWaitsForOthersToEndGetsAnAnswerAndNotAHang() throws Exception {
    start(Duration.ofMillis(200));
    Future<Served<BlobBody>> running = mirror.open(mirror.nginx(), ONE);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(FIRST, 0, 100);
    BlobBody body = get(running).value();

    Future<Served<BlobBody>> queued = mirror.open(mirror.nginx(), OTHER);
    Future<Served<BlobBody>> joined = mirror.open(mirror.nginx(), OTHER);
    assertTellsToAskAgain(queued);
    assertTellsToAskAgain(joined);
    assertThat(mirror.hub.hasTransfer()).as("asked of upstream for no client").isFalse();

    transfer.send(FIRST, 100, 2000).end();
    assertThat(get(mirror.readAll(body))).isEqualTo(Buffer.buffer(FIRST));
    get(mirror.downloads.idle());
    Future<Served<BlobBody>> later = mirror.open(mirror.nginx(), OTHER);
    mirror.hub.nextTransfer().answer(2001).send(SECOND).end();
    assertThat(get(mirror.readAll(get(later).value()))).isEqualTo(Buffer.buffer(SECOND));
  }

  @Test
  void whoWaitsForOthersToEndBeginsWhenTheyHave() throws Exception {
    start(Duration.ofSeconds(25));
    Future<Served<BlobBody>> running = mirror.open(mirror.nginx(), ONE);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000);
    Future<Served<BlobBody>> queued = mirror.open(mirror.nginx(), OTHER);
    transfer.send(FIRST).end();
    assertThat(get(mirror.readAll(get(running).value()))).isEqualTo(Buffer.buffer(FIRST));
    mirror.hub.nextTransfer().answer(2001).send(SECOND).end();
    assertThat(get(mirror.readAll(get(queued).value()))).isEqualTo(Buffer.buffer(SECOND));
    assertThat(mirror.hub.blobGets).hasValue(2);
  }

  @Test
  void theQueueAndTheDownloadShareOneLimit() throws Exception {
    start(Duration.ofMillis(300));
    Future<Served<BlobBody>> running = mirror.open(mirror.nginx(), ONE);
    mirror.hub.nextTransfer().refuse(dev.breakwater.upstream.UpstreamOutcome.NOT_FOUND);
    Future<Served<BlobBody>> silent = mirror.open(mirror.nginx(), OTHER);
    assertThatThrownBy(() -> get(running)).isInstanceOf(RegistryException.class);
    mirror.hub.nextTransfer();
    assertTellsToAskAgain(silent);
  }

  @Test
  void aDownloadWithoutReadersGivesItsPlaceToAClientsAndKeepsItsBytes() throws Exception {
    start(Duration.ofSeconds(25));
    Future<Served<BlobBody>> running = mirror.open(mirror.nginx(), ONE);
    mirror.hub.nextTransfer().answer(2000).send(FIRST, 0, 1500);
    BlobBody body = get(running).value();
    get(mirror.read(mirror.keepingOpen(body), 0, 1500));
    body.close();

    Future<Served<BlobBody>> waiting = mirror.open(mirror.nginx(), OTHER);
    mirror.hub.nextTransfer().answer(2001).send(SECOND).end();
    assertThat(get(mirror.readAll(get(waiting).value()))).isEqualTo(Buffer.buffer(SECOND));

    get(mirror.downloads.idle());
    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), ONE);
    ScriptedTransfer rest = mirror.hub.nextTransfer();
    assertThat(rest.first).as("the last byte is asked for again to learn the size").isEqualTo(1499);
    rest.answer(2000).send(FIRST, 1499, 2000).end();
    assertThat(get(mirror.readAll(get(again).value()))).isEqualTo(Buffer.buffer(FIRST));
  }

  @Test
  void aDownloadThatIsLeftWhileAnotherWaitsGivesWayAtOnce() throws Exception {
    start(Duration.ofSeconds(25));
    Future<Served<BlobBody>> running = mirror.open(mirror.nginx(), ONE);
    mirror.hub.nextTransfer().answer(2000).send(FIRST, 0, 1500);
    BlobBody body = get(running).value();
    get(mirror.read(mirror.keepingOpen(body), 0, 1500));
    Future<Served<BlobBody>> waiting = mirror.open(mirror.nginx(), OTHER);
    Eventually.until("the download waits", () -> mirror.gauge("downloads_queued") != 0);
    body.close();
    mirror.hub.nextTransfer().answer(2001).send(SECOND).end();
    assertThat(get(mirror.readAll(get(waiting).value()))).isEqualTo(Buffer.buffer(SECOND));
  }

  @Test
  void aDownloadWithoutReadersThatWouldTakeTooLongEnds() throws Exception {
    mirror = new MirrorFixture(data, MirrorFixture.idleEnd(Duration.ofMillis(100)), false);
    Future<Served<BlobBody>> running = mirror.open(mirror.nginx(), ONE);
    mirror.hub.nextTransfer().answer(2000).send(FIRST, 0, 1500);
    BlobBody body = get(running).value();
    get(mirror.read(mirror.keepingOpen(body), 0, 1500));
    body.close();
    get(mirror.downloads.idle());
    assertThat(data.resolve("downloads/" + ONE.hex() + ".part")).exists();
  }
}
