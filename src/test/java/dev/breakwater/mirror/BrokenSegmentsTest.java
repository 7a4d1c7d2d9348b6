package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of several transfers of a blob breaks, and a client waits for just what it would bring. */
class BrokenSegmentsTest {
  private static final int SIZE = 2000;

  /** The first try and those after it. */
  private static final int TRIES = 1 + MirrorFixture.SETTINGS.retries().most();

  @TempDir Path data;
  private final byte[] content = new byte[SIZE];
  private Digest digest;
  private MirrorFixture mirror;
  private ScriptedTransfer front;
  private ScriptedTransfer far;
  private Future<Buffer> middle;
  private Future<Buffer> whole;

  /**
   * A reader waits for bytes 1500 to 1599, which a second transfer is to bring, and another one for
   * all of them.
   */
  @BeforeEach
  void start() throws Exception {
    new Random(3).nextBytes(content);
    digest = Digest.ofSha256(content);
    mirror = new MirrorFixture(data);
    Future<Served<BlobBody>> opening = mirror.open(mirror.nginx(), digest, "bytes=1500-1599");
    front = mirror.hub.nextTransfer().answer(SIZE).send(content, 0, 10);
    BlobBody body = get(opening).value();
    BlobBody all = get(mirror.open(mirror.nginx(), digest)).value();
    whole = mirror.readAll(all);
    middle = mirror.read(body, 1500, 1600);
    far = mirror.hub.nextTransfer();
    assertThat(far.first).isEqualTo(1500);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.await(10, SECONDS);
  }

  private ScriptedTransfer next(long first) throws Exception {
    ScriptedTransfer transfer = mirror.hub.nextTransfer();
    assertThat(transfer.first).isEqualTo(first);
    return transfer;
  }

  private Buffer bytes(int from, int to) {
    return Buffer.buffer(content).getBuffer(from, to);
  }

  private void assertWhole() throws Exception {
    assertThat(get(whole)).isEqualTo(Buffer.buffer(content));
    get(mirror.downloads.idle());
    assertThat(mirror.store.contains(digest)).isTrue();
  }

  @Test
  void whatAReaderWaitsForIsAskedForAgainAtOnceAndNotLeftToTheOthers() throws Exception {
    far.answer(SIZE).send(content, 1500, 1520).breakOff();
    ScriptedTransfer again = next(1520).answer(SIZE).send(content, 1520, 1600);
    assertThat(get(middle)).isEqualTo(bytes(1500, 1600));
    again.send(content, 1600, SIZE).end();
    front.send(content, 10, 1500);
    assertWhole();
    assertThat(mirror.hub.blobGets).hasValue(3);
  }

  @Test
  void whatBreaksAgainAndAgainIsLeftToTheOthersInTheEnd() throws Exception {
    far.refuse(UpstreamOutcome.CONNECT);
    for (int i = 1; i < TRIES; i++) {
      next(1500).refuse(UpstreamOutcome.CONNECT);
    }
    front.send(content, 10, 1500);
    next(1500).answer(SIZE).send(content, 1500, SIZE).end();
    assertThat(get(middle)).isEqualTo(bytes(1500, 1600));
    assertWhole();
    assertThat(mirror.hub.blobGets).hasValue(1 + TRIES + 1);
  }

  @Test
  void aByteMakesAllTriesGoodAgain() throws Exception {
    far.answer(SIZE).send(content, 1500, 1501).breakOff();
    for (int at = 1501; at < 1501 + 2 * TRIES; at++) {
      next(at).answer(SIZE).send(content, at, at + 1).breakOff();
    }
    next(1501 + 2 * TRIES).answer(SIZE).send(content, 1501 + 2 * TRIES, SIZE).end();
    assertThat(get(middle)).isEqualTo(bytes(1500, 1600));
    front.send(content, 10, 1500);
    assertWhole();
  }

  @Test
  void whatUpstreamRefusesIsBroughtByTheTransferThatRunsToTheEndAnyway() throws Exception {
    far.refuse(UpstreamOutcome.NOT_FOUND);
    // Whether the refusal or the bytes come first, nothing is asked for twice.
    front.send(content, 10, 1500).send(content, 1500, SIZE).end();
    assertThat(get(middle)).isEqualTo(bytes(1500, 1600));
    assertWhole();
  }

  @Test
  void upstreamThatRefusesEveryRangeIsAskedForTheWholeBlob() throws Exception {
    far.answer(SIZE).send(content, 1500, 1600);
    assertThat(get(middle)).isEqualTo(bytes(1500, 1600));
    front.breakOff();
    next(10).refuse(UpstreamOutcome.REFUSED);
    far.breakOff();
    ScriptedTransfer transfer = mirror.hub.nextTransfer();
    while (transfer.first > 0) {
      transfer.refuse(UpstreamOutcome.REFUSED);
      transfer = mirror.hub.nextTransfer();
    }
    assertThat(transfer.last).isEmpty();
    transfer.answer(SIZE).send(content).end();
    assertWhole();
  }

  @Test
  void theFrontThatEveryReaderWaitsForIsAskedForAgainAtOnce() throws Exception {
    far.answer(SIZE).send(content, 1500, 1600);
    assertThat(get(middle)).isEqualTo(bytes(1500, 1600));
    front.breakOff();
    next(10).answer(SIZE).send(content, 10, 1500);
    far.send(content, 1600, SIZE).end();
    assertWhole();
    assertThat(mirror.hub.blobGets).hasValue(3);
  }

  @Test
  void whatAReaderWaitsForIsAskedForAgainAlsoWhenEverythingBroke() throws Exception {
    far.answer(SIZE).send(content, 1500, 1501);
    front.breakOff();
    for (int i = 1; i < TRIES; i++) {
      next(10).refuse(UpstreamOutcome.CONNECT);
    }
    far.breakOff();
    ScriptedTransfer first = next(10).answer(SIZE).send(content, 10, 20);
    next(1501).answer(SIZE).send(content, 1501, SIZE).end();
    assertThat(get(middle)).isEqualTo(bytes(1500, 1600));
    first.send(content, 20, 1500);
    assertWhole();
  }
}
