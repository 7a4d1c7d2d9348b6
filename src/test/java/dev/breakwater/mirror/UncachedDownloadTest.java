package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Digest;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import dev.breakwater.testing.Eventually;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers of unequal speed, when the disk has no room to let the slow ones fall back. */
class UncachedDownloadTest {
  private static final int SIZE = 20_000;

  @TempDir Path data;
  private final byte[] content = new byte[SIZE];
  private MirrorFixture mirror;
  private Digest digest;

  @BeforeEach
  void start() throws Exception {
    new Random(2).nextBytes(content);
    digest = Digest.ofSha256(content);
    mirror =
        new MirrorFixture(
            data,
            MirrorFixture.settings(128, Duration.ofSeconds(25), Duration.ofMillis(20)),
            false);
    mirror.room.set(0);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.await(10, SECONDS);
  }

  private Future<BlobBody> open() {
    return mirror.open(mirror.nginx(), digest).map(served -> served.value());
  }

  private Region next(BlobBody body, long from) throws Exception {
    return get(mirror.onLoop(() -> body.next(from, SIZE)));
  }

  private ScriptedTransfer sendAll() throws Exception {
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(SIZE);
    for (int at = 0; at < SIZE; at += 500) {
      transfer.send(content, at, at + 500);
    }
    return transfer.end();
  }

  private double leftBehind() {
    return mirror.metrics.registry().scrape().stream()
        .filter(
            meter -> meter.getMetadata().getName().equals("breakwater_download_dropped_readers"))
        .flatMap(meter -> ((CounterSnapshot) meter).getDataPoints().stream())
        .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
        .sum();
  }

  @Test
  void aReaderWhoHoldsTheOthersUpIsEndedShortSoThatTheyGoOn() throws Exception {
    Future<BlobBody> slow = open();
    Future<BlobBody> fast = open();
    sendAll();
    BlobBody lagging = get(slow);
    // Who comes after the first bytes are released gets a download of its own.
    BlobBody quick = get(fast);
    assertThat(next(lagging, 0).length()).isPositive();

    assertThat(get(mirror.readAll(quick))).isEqualTo(Buffer.buffer(content));
    assertThatThrownBy(() -> next(lagging, 500)).hasMessageContaining("held up the others");
    assertThat(leftBehind()).isEqualTo(1);
    lagging.close();
    assertThat(mirror.hub.blobGets).hasValue(1);
  }

  @Test
  void allWhoHoldTheOthersUpAreEndedShort() throws Exception {
    Future<BlobBody> slow = open();
    Future<BlobBody> slower = open();
    Future<BlobBody> fast = open();
    Future<BlobBody> alsoFast = open();
    sendAll();
    BlobBody lagging = get(slow);
    BlobBody behind = get(slower);
    BlobBody quick = get(fast);
    BlobBody alsoQuick = get(alsoFast);
    next(lagging, 0);
    next(lagging, 500);
    Future<Buffer> all = mirror.readAll(quick);
    assertThat(get(mirror.readAll(alsoQuick))).isEqualTo(Buffer.buffer(content));
    assertThat(get(all)).isEqualTo(Buffer.buffer(content));
    assertThat(leftBehind()).isEqualTo(2);
    lagging.close();
    behind.close();
  }

  @Test
  void aReaderInTheMiddleOfALargePieceHoldsAllOfItAndIsEndedShortToo() throws Exception {
    Future<BlobBody> slow = open();
    Future<BlobBody> fast = open();
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(SIZE);
    for (int at = 0; at < SIZE; at += 5000) {
      transfer.send(content, at, at + 5000);
    }
    transfer.end();
    BlobBody lagging = get(slow);
    BlobBody quick = get(fast);
    get(mirror.onLoop(() -> lagging.next(0, 4000)));
    get(mirror.onLoop(() -> lagging.next(4000, 4100)));
    assertThat(get(mirror.readAll(quick))).isEqualTo(Buffer.buffer(content));
    assertThat(leftBehind()).isEqualTo(1);
    lagging.close();
  }

  @Test
  void aReaderWhoHoldsNoOtherUpMayBeAsSlowAsItIs() throws Exception {
    Future<BlobBody> only = open();
    sendAll();
    BlobBody body = get(only);
    Buffer all = Buffer.buffer();
    while (all.length() < SIZE) {
      get(mirror.vertx.timer(1));
      all.appendBuffer(Regions.bytes(next(body, all.length())));
    }
    body.close();
    assertThat(all).isEqualTo(Buffer.buffer(content));
    assertThat(leftBehind()).isZero();
  }

  @Test
  void thoseWhoComeTooLateShareTheNextDownloadAndNoneIsForgotten() throws Exception {
    // Too small for a second segment.
    digest = Digest.ofSha256(java.util.Arrays.copyOf(content, 2000));
    Future<BlobBody> early = open();
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 500);
    BlobBody body = get(early);
    assertThat(get(mirror.onLoop(() -> body.next(0, 2000))).length()).isEqualTo(500);
    Eventually.until(
        "the download is uncached", () -> !mirror.downloads.list().getFirst().cached());
    get(
        mirror.onLoop(
            () -> {
              body.next(500, 2000);
              return Future.succeededFuture(true);
            }));

    Future<BlobBody> late = open();
    ScriptedTransfer second = mirror.hub.nextTransfer().answer(2000);
    Future<BlobBody> later = open();
    BlobBody one = get(late);
    BlobBody other = get(later);
    assertThat(mirror.hub.blobGets).hasValue(2);
    assertThat(mirror.downloads.list()).hasSize(2);

    Future<Void> idle = mirror.downloads.idle();
    one.close();
    other.close();
    assertThat(second.cancelled.await(10, SECONDS)).isTrue();
    assertThat(idle.isComplete()).as("the first goes on").isFalse();
    body.close();
    get(idle);
    assertThat(mirror.downloads.list()).isEmpty();
  }
}
