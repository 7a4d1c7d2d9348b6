package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import dev.breakwater.testing.Eventually;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of a download, what the budget says is what lies on the disk. */
class DiskAccountingTest {
  @TempDir Path data;
  private final byte[] content = bytes(6000);
  private final Digest digest = Digest.ofSha256(content);
  private MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    mirror = new MirrorFixture(data);
    mirror.store.whenFreed(mirror.budget::freed);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  @Test
  void aBlobThatIsKeptCountsInWholeBlocks() throws Exception {
    fetch();
    assertThat(mirror.budget.used()).isEqualTo(8192);
    assertExact();
  }

  @Test
  void aDownloadThatIsNotWantedAnyMoreCountsAsWhatItLeft() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(6000).send(content, 0, 1000);
    get(open).value().close();
    awaitNoDownload();
    assertThat(mirror.budget.used()).isPositive();
    assertExact();

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer rest = mirror.hub.nextTransfer();
    rest.answer(6000).send(content, (int) rest.first, 6000).end();
    assertThat(get(mirror.readAll(get(again).value()))).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
    assertThat(mirror.budget.used()).isEqualTo(8192);
    assertExact();
  }

  @Test
  void aDownloadWithTheWrongDigestCountsForNothing() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(6000).send(new byte[6000]).end();
    // Who reads nothing stays: a download that every client has left is not begun again.
    BlobBody patient = get(open).value();
    for (int i = 0; i < 2; i++) {
      mirror.hub.nextTransfer().answer(6000).send(new byte[6000]).end();
    }
    awaitNoDownload();
    patient.close();
    assertThat(mirror.budget.used()).isZero();
    assertExact();
  }

  @Test
  void aDownloadThatUpstreamRefusesCountsForNothing() throws Exception {
    mirror.hub.breakWith(UpstreamOutcome.NOT_FOUND);
    mirror.open(mirror.nginx(), digest).otherwiseEmpty().await(10, SECONDS);
    awaitNoDownload();
    assertThat(mirror.budget.used()).isZero();
    assertExact();
  }

  @Test
  void aDeletedBlobCountsUntilItsLastReaderIsDone() throws Exception {
    fetch();
    BlobBody reading = get(mirror.open(mirror.nginx(), digest)).value();
    mirror.store.delete(digest);
    assertThat(mirror.budget.used()).isEqualTo(8192);
    reading.close();
    assertThat(mirror.budget.used()).isZero();
    mirror.store.delete(digest);
    assertThat(mirror.budget.used()).as("not twice").isZero();
  }

  @Test
  void whatIsReadIsNotEvicted() throws Exception {
    fetch();
    BlobBody reading = get(mirror.open(mirror.nginx(), digest)).value();
    assertThat(mirror.store.evict(digest, () -> true)).isFalse();
    assertThat(mirror.store.contains(digest)).isTrue();
    reading.close();
    assertThat(mirror.store.evict(digest, () -> true)).isTrue();
    assertThat(mirror.store.contains(digest)).isFalse();
    assertThat(mirror.budget.used()).isZero();
  }

  @Test
  void aBlobThatIsStillReadAsADownloadIsNotEvicted() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(6000).send(content).end();
    BlobBody reading = get(open).value();
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isTrue();
    assertThat(mirror.store.evict(digest, () -> true)).isFalse();
    reading.close();
    assertThat(mirror.store.evict(digest, () -> true)).isTrue();
  }

  @Test
  void theEndOfAReadIsAUseAsWellAsItsBeginning() throws Exception {
    fetch();
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    BlobBody reading = get(open).value();
    assertThat(mirror.recent.take().blobs()).containsKey(digest);
    mirror.recent.written();
    mirror.clock.turn(Duration.ofMinutes(10));
    reading.close();
    assertThat(mirror.recent.take().blobs()).containsEntry(digest, mirror.clock.millis());
  }

  @Test
  void aDownloadThatFindsNoRoomWaitsForItToBeMadeAndIsKept() throws Exception {
    mirror.room.set(0);
    mirror.budget.relieve(() -> {});
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(6000).send(content).end();
    BlobBody body = get(open).value();
    assertThat(get(mirror.onLoop(() -> body.next(0, 100))).length())
        .as("its clients need not wait")
        .isEqualTo(100);

    Eventually.until("a download waits for room", () -> mirror.budget.isAwaited());
    mirror.room.set(1 << 30);
    mirror.budget.serve();
    assertThat(get(mirror.readAll(body))).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isTrue();
    assertThat(mirror.budget.used()).isEqualTo(8192);
    assertExact();
  }

  @Test
  void aDownloadThatIsGivenUpWhileItWaitsForRoomHoldsNone() throws Exception {
    mirror.room.set(0);
    mirror.budget.relieve(() -> {});
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(6000).send(content, 0, 1000);
    BlobBody body = get(open).value();
    Eventually.until("a download waits for room", () -> mirror.budget.isAwaited());
    body.close();
    awaitNoDownload();
    mirror.room.set(1 << 30);
    mirror.budget.serve();
    Eventually.until("the room is given back", () -> mirror.budget.used() <= 0);
    assertExact();
  }

  @Test
  void aDamagedBlobGivesItsRoomBackBeforeItIsFetchedAgain() throws Exception {
    fetch();
    Path file = data.resolve("blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex());
    mirror.store.delete(digest);
    Files.write(file, Arrays.copyOf(content, 4097));
    mirror.budget.freed(-8192);

    fetch();
    assertThat(Files.size(file)).isEqualTo(6000);
    assertThat(mirror.budget.used()).isEqualTo(8192);
    assertExact();
  }

  @Test
  void aCommitThatFailsAfterItsRenameLeavesNeitherBlobNorDebt() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(6000).send(content, 0, 1000);
    Future<Buffer> answer = mirror.readAll(get(open).value());
    // A directory with something in it cannot be removed as the commit's last step would.
    Path obstacle = data.resolve("downloads/" + digest.hex() + ".json");
    Files.createDirectories(obstacle.resolve("in the way"));
    transfer.send(content, 1000, 6000).end();

    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isFalse();
    assertThat(mirror.facts.get(Tables.BLOBS, digest)).isEmpty();
    assertThat(data.resolve("downloads")).isDirectoryNotContaining("glob:**.part");
    assertExact();
  }

  @Test
  void aSizeThatNothingCanHaveReservesNoRoomAndNothingIsWritten() throws Exception {
    link(Long.MAX_VALUE);
    mirror.room.set(1 << 20);
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(0, OptionalLong.empty()).send(content).end();
    assertThat(get(mirror.readAll(get(open).value()))).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).as("no room was held for it").isFalse();
    assertThat(mirror.budget.used()).isZero();
    assertExact();
  }

  @Test
  void noByteIsWrittenBeyondTheRoomThatWasHeldForAWrongSize() throws Exception {
    mirror.room.set(4096 + 8192);
    Future<Buffer> answer = growAfterAWrongBeginning();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isFalse();
    assertThat(mirror.budget.used()).isZero();
    assertExact();
  }

  @Test
  void roomIsAddedWhereASizeWasTooSmall() throws Exception {
    Future<Buffer> answer = growAfterAWrongBeginning();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isTrue();
    assertThat(mirror.budget.used()).isEqualTo(8192);
    assertExact();
  }

  /** One answer is wrong and short; those after it agree on another size. */
  private Future<Buffer> growAfterAWrongBeginning() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(50).send(new byte[50]).end();
    mirror.hub.nextTransfer().answer(6000);
    mirror.hub.nextTransfer().answer(6000).send(content).end();
    return mirror.readAll(get(open).value());
  }

  private void link(long size) throws Exception {
    LinkRecord link = new LinkRecord(MediaType.OCTET_STREAM, size);
    get(
        mirror.index.apply(
            List.of(
                Tables.LINKS.put(
                    new InRepository<>(mirror.hub.zone(), MirrorFixture.NGINX, digest), link))));
  }

  private void fetch() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(6000).send(content).end();
    assertThat(get(mirror.readAll(get(open).value()))).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
  }

  private void assertExact() throws Exception {
    assertThat(mirror.budget.used()).isEqualTo(mirror.store.volume().contentBytes());
  }

  private void awaitNoDownload() throws Exception {
    mirror.downloads.idle().await(10, SECONDS);
    // The last reader closes its file on its own thread.
    mirror.onLoop(Future::succeededFuture).await(10, SECONDS);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.await(10, SECONDS);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
