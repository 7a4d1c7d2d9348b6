package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.index.Tables;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Every complete answer has the digest that was asked for. */
class CompleteAnswersAreProvenTest extends BlobPulls {
  @Test
  void bytesAreServedAsTheyArriveButTheLastOnesWaitForTheProof() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(content, 0, 1000);
    BlobBody body = get(open).value();
    assertThat(get(mirror.onLoop(() -> body.next(0, 2000))).length()).isEqualTo(1000);

    transfer.send(content, 1000, 1999);
    assertThat(get(mirror.onLoop(() -> body.next(1000, 2000))).length()).isEqualTo(968);
    Future<Region> tail = mirror.onLoop(() -> body.next(1968, 2000));
    assertThatThrownBy(() -> tail.await(50, java.util.concurrent.TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    transfer.send(content, 1999, 2000);
    Buffer first = Regions.bytes(get(tail));
    assertThat(first).isEqualTo(Buffer.buffer(content).getBuffer(1968, 1968 + first.length()));
    assertThat(get(mirror.read(body, 1968, 2000)))
        .isEqualTo(Buffer.buffer(content).getBuffer(1968, 2000));
  }

  @Test
  void aWrongBlobNeverBecomesACompleteAnswerAndIsNotKept() throws Exception {
    byte[] wrong = content.clone();
    wrong[3] ^= 1;
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(wrong).end();
    BlobBody patient = get(mirror.open(mirror.nginx(), digest)).value();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    mirror.hub.nextTransfer().answer(2000).send(wrong).end();
    mirror.hub.nextTransfer().answer(2000).send(wrong).end();
    assertThatThrownBy(() -> get(answer)).hasMessageContaining("does not have that digest");
    assertThatThrownBy(() -> get(mirror.readAll(patient)))
        .hasMessageContaining("does not have that digest");
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isFalse();
    assertThat(mirror.facts.get(Tables.BLOBS, digest)).isEmpty();
    assertThat(data.resolve("downloads")).isEmptyDirectory();
  }

  @Test
  void aWrongBlobIsFetchedAgainFromScratch() throws Exception {
    byte[] wrong = content.clone();
    wrong[3] ^= 1;
    Future<Served<BlobBody>> early = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer first = mirror.hub.nextTransfer().answer(2000).send(wrong, 0, 100);
    BlobBody sent = get(early).value();
    assertThat(get(mirror.onLoop(() -> sent.next(0, 2000))).length()).isEqualTo(100);
    BlobBody unsent = get(mirror.open(mirror.nginx(), digest)).value();

    first.send(wrong, 100, 2000).end();
    mirror.hub.nextTransfer().answer(2000).send(wrong).end();
    ScriptedTransfer third = mirror.hub.nextTransfer();
    assertThat(third.first).isZero();
    third.answer(2000).send(content).end();

    assertThat(get(mirror.readAll(unsent))).isEqualTo(Buffer.buffer(content));
    assertThatThrownBy(() -> get(mirror.onLoop(() -> sent.next(100, 2000))))
        .hasMessageContaining("does not have that digest");
    sent.close();
    awaitStored();
  }

  @Test
  void aSmallWrongBlobEndsInAnErrorBeforeAnyByte() throws Exception {
    Digest small = Digest.ofSha256(bytes(50));
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), small);
    for (int i = 0; i < 3; i++) {
      mirror.hub.nextTransfer().answer(50).send(new byte[50]).end();
    }
    assertError(open, ErrorCode.BLOB_UNKNOWN, "does not have that digest");
  }

  @Test
  void aLengthThatAlwaysContradictsTheManifestNeverBecomesACompleteAnswer() throws Exception {
    link(2000);
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(1477);
    for (int i = 0; i < 3; i++) {
      mirror.hub.nextTransfer().answer(1477).send(content, 0, 1477).end();
    }
    assertThatThrownBy(() -> all(open)).hasMessageContaining("does not have that digest");
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isFalse();
  }

  @Test
  void bytesBeyondTheLengthAreNotServed() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).send(new byte[1]);
    assertThat(all(open)).isEqualTo(Buffer.buffer(content));
    awaitStored();
  }

  @Test
  void aBlobWithoutAnyLengthIsProvenBeforeItIsServed() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer transfer =
        mirror.hub.nextTransfer().answer(0, OptionalLong.empty()).send(content);
    assertThatThrownBy(() -> open.await(50, java.util.concurrent.TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    transfer.end();
    assertThat(all(open)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void aWholeBlobAskedByAClosedRangeWaitsForItsProofToo() throws Exception {
    byte[] wrong = content.clone();
    wrong[3] ^= 1;
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest, "bytes=0-1999");
    mirror.hub.nextTransfer().answer(2000).send(wrong).end();
    BlobBody patient = get(mirror.open(mirror.nginx(), digest)).value();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    mirror.hub.nextTransfer().answer(2000).send(wrong).end();
    mirror.hub.nextTransfer().answer(2000).send(wrong).end();
    assertThatThrownBy(() -> get(answer)).hasMessageContaining("does not have that digest");
    patient.close();
  }
}
