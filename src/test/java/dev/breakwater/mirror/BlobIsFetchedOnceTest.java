package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** However many clients ask, a blob comes from upstream once. */
class BlobIsFetchedOnceTest extends BlobPulls {
  @Test
  void anAbsentBlobIsFetchedOnceAndThenServedFromTheStore() throws Exception {
    Future<Served<BlobBody>> first = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(result(first)).isEqualTo(CacheResult.MISS);
    assertThat(all(first)).isEqualTo(Buffer.buffer(content));
    awaitStored();

    Future<Served<BlobBody>> second = mirror.open(mirror.nginx(), digest);
    assertThat(result(second)).isEqualTo(CacheResult.HIT);
    assertThat(all(second)).isEqualTo(Buffer.buffer(content));
    assertThat(mirror.hub.blobGets).hasValue(1);
    assertThat(mirror.hub.blobHeads).hasValue(0);
  }

  @Test
  void manyClientsShareOneDownload() throws Exception {
    List<Future<Served<BlobBody>>> opens = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      opens.add(mirror.open(mirror.nginx(), digest));
    }
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000);
    for (int i = 0; i < 2000; i += 100) {
      transfer.send(content, i, i + 100);
    }
    transfer.end();
    int misses = 0;
    for (Future<Served<BlobBody>> open : opens) {
      misses += result(open) == CacheResult.MISS ? 1 : 0;
      assertThat(all(open)).isEqualTo(Buffer.buffer(content));
    }
    assertThat(misses).isEqualTo(1);
    assertThat(mirror.hub.blobGets).hasValue(1);
  }

  @Test
  void aClientThatLeavesTakesNothingFromTheOthers() throws Exception {
    Future<Served<BlobBody>> leaver = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    BlobBody leaving = get(leaver).value();
    Future<Served<BlobBody>> stayer = mirror.open(mirror.nginx(), digest);
    Future<Buffer> answer = mirror.readAll(get(stayer).value());
    leaving.close();
    transfer.send(content, 10, 2000).end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void aDownloadWithoutClientsStopsUnlessItIsNearlyDone() throws Exception {
    byte[] large = bytes(8000);
    Digest wanted = Digest.ofSha256(large);
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), wanted);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(8000).send(large, 0, 1500);
    BlobBody body = get(open).value();
    get(mirror.onLoop(() -> body.next(0, 8000)));
    body.close();
    assertThat(transfer.cancelled.await(10, SECONDS)).isTrue();
    awaitNoDownload();

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), wanted);
    ScriptedTransfer rest = mirror.hub.nextTransfer();
    assertThat(rest.first).as("goes on from the kept bytes").isEqualTo(1499);
    rest.answer(8000).send(large, 1499, 4000);
    BlobBody second = get(again).value();
    get(mirror.onLoop(() -> second.next(1500, 8000)));
    second.close();
    rest.send(large, 4000, 8000).end();
    awaitNoDownload();
    assertThat(mirror.store.contains(wanted)).isTrue();
  }

  @Test
  void readersMayJoinAtEveryByteAndAtTheEnd() throws Exception {
    // The race for which distribution removed shared downloads (its issue 1006), in a loop.
    Random random = new Random(20261121);
    for (int round = 0; round < 60; round++) {
      byte[] blob = new byte[100 + random.nextInt(400)];
      random.nextBytes(blob);
      Digest name = Digest.ofSha256(blob);
      List<Future<Buffer>> answers = new ArrayList<>();
      Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), name);
      ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(blob.length);
      answers.add(open.compose(served -> mirror.readAll(served.value())));
      int step = 1 + random.nextInt(blob.length);
      for (int at = 0; at < blob.length; at += step) {
        transfer.send(blob, at, Math.min(blob.length, at + step));
        answers.add(
            mirror.open(mirror.nginx(), name).compose(served -> mirror.readAll(served.value())));
      }
      transfer.end();
      for (int i = 0; i < 20; i++) {
        answers.add(
            mirror.open(mirror.nginx(), name).compose(served -> mirror.readAll(served.value())));
      }
      for (Future<Buffer> answer : answers) {
        assertThat(get(answer)).isEqualTo(Buffer.buffer(blob));
      }
      assertThat(mirror.hub.hasTransfer()).as("round %s fetched once", round).isFalse();
    }
  }

  @Test
  void aThousandFollowersReadOneDownload() throws Exception {
    List<Future<Buffer>> answers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      answers.add(
          mirror.open(mirror.nginx(), digest).compose(body -> mirror.readAll(body.value())));
    }
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000);
    for (int at = 0; at < 2000; at += 200) {
      transfer.send(content, at, at + 200);
    }
    for (Future<Buffer> answer : answers) {
      assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
    }
    assertThat(mirror.hub.blobGets).hasValue(1);
    awaitStored();
  }
}
