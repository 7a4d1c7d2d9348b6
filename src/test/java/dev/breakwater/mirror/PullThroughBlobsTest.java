package dev.breakwater.mirror;

import static dev.breakwater.mirror.MirrorFixture.NGINX;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.BlobStat;
import dev.breakwater.registry.Region;
import dev.breakwater.registry.Served;
import dev.breakwater.storage.StorageLayout;
import dev.breakwater.testing.Eventually;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PullThroughBlobsTest {
  @TempDir Path data;
  private final byte[] content = bytes(2000);
  private final Digest digest = Digest.ofSha256(content);
  private MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    mirror = new MirrorFixture(data);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

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
    Buffer first = MirrorFixture.bytes(get(tail));
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
  void aTransferThatBreaksIsTakenUpWhereItBroke() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).breakOff();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    ScriptedTransfer second = mirror.hub.nextTransfer();
    assertThat(second.first).isEqualTo(700);
    second.answer(2000).send(content, 700, 701).breakOff();
    mirror.hub.nextTransfer().answer(2000).send(content, 701, 2000).end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
    awaitStored();
  }

  @Test
  void anUpstreamThatIgnoresTheRangeIsReadFromItsStart() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).breakOff();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    mirror
        .hub
        .nextTransfer()
        .answer(0, OptionalLong.of(2000))
        .send(content, 0, 500)
        .send(content, 500, 2000)
        .end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void aTransferThatEndsTooSoonIsNoEnd() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).end();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    mirror.hub.nextTransfer().answer(2000).send(content, 700, 2000).end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void anUpstreamThatKeepsBreakingEndsTheAnswerShort() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).breakOff();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    for (int i = 0; i < MirrorFixture.SETTINGS.resumes(); i++) {
      mirror.hub.nextTransfer().refuse(UpstreamOutcome.CONNECT);
    }
    assertThatThrownBy(() -> get(answer)).hasMessageContaining("scripted connect");
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isFalse();
  }

  @Test
  void whatABrokenDownloadLeftIsNotFetchedAgain() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).breakOff();
    BlobBody body = get(open).value();
    for (int i = 0; i < MirrorFixture.SETTINGS.resumes(); i++) {
      mirror.hub.nextTransfer().refuse(UpstreamOutcome.CONNECT);
    }
    awaitNoDownload();
    body.close();

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer rest = mirror.hub.nextTransfer();
    assertThat(rest.first).as("the last byte again, to learn the size").isEqualTo(699);
    rest.answer(2000).send(content, 699, 2000).end();
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
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

  @ParameterizedTest
  @EnumSource(
      value = UpstreamOutcome.class,
      names = {"NOT_FOUND", "UNAUTHORIZED", "DENIED", "CONNECT", "SERVER_ERROR", "RATE_LIMITED"})
  void aBlobThatCannotBeHadIsUnknownSoThatTheClientGoesElsewhere(UpstreamOutcome outcome)
      throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().refuse(outcome);
    assertError(open, ErrorCode.BLOB_UNKNOWN, "scripted " + outcome.label());
  }

  @Test
  void aDefiniteNoIsRememberedForAWhile() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().refuse(UpstreamOutcome.NOT_FOUND);
    assertError(open, ErrorCode.BLOB_UNKNOWN, "404");
    awaitNoDownload();
    assertError(mirror.open(mirror.nginx(), digest), ErrorCode.BLOB_UNKNOWN, "404");
    assertThat(mirror.hub.blobGets).hasValue(1);

    mirror.clock.turn(Duration.ofSeconds(11));
    Future<Served<BlobBody>> later = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(later)).isEqualTo(Buffer.buffer(content));
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
  void aDownloadNobodyWantsStopsUnlessItIsNearlyDone() throws Exception {
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
  void bytesAreSharedAcrossZonesButThePermissionIsNot() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    all(open);
    awaitStored();

    assertError(mirror.open(mirror.elsewhere("spy/app"), digest), ErrorCode.BLOB_UNKNOWN, "404");
    assertError(
        mirror.onLoop(() -> mirror.elsewhere("spy/app").blobs().stat(digest)),
        ErrorCode.BLOB_UNKNOWN,
        "404");

    mirror.other.blobSizes.put(digest, 2000L);
    Future<Served<BlobBody>> allowed = mirror.open(mirror.elsewhere("friend/app"), digest);
    assertThat(all(allowed)).isEqualTo(Buffer.buffer(content));
    assertThat(mirror.other.blobGets).as("bytes fetched twice").hasValue(0);
  }

  @Test
  void aClientOfAnotherZoneJoinsADownloadOnlyIfItsOwnUpstreamAgrees() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    get(open);
    assertError(mirror.open(mirror.elsewhere("spy/app"), digest), ErrorCode.BLOB_UNKNOWN, "404");
    mirror.other.blobSizes.put(digest, 2000L);
    Future<Served<BlobBody>> joined = mirror.open(mirror.elsewhere("friend/app"), digest);
    assertThat(result(joined)).isEqualTo(CacheResult.COALESCED);
    transfer.send(content, 10, 2000).end();
    assertThat(all(joined)).isEqualTo(Buffer.buffer(content));
    all(open);
  }

  @Test
  void aFileThatWasDeletedUnderneathIsFetchedAgain() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    all(open);
    awaitStored();
    mirror.store.delete(digest);

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(result(again)).isEqualTo(CacheResult.MISS);
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void aBlobThatTheIndexForgotIsTakenBackFromTheDisk() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    all(open);
    awaitStored();
    get(mirror.index.apply(List.of(Tables.BLOBS.delete(digest))));

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    assertThat(result(again)).isEqualTo(CacheResult.HIT);
    assertThat(mirror.facts.get(Tables.BLOBS, digest)).isPresent();
    all(again);
  }

  @Test
  void aDiskThatTakesNoFileStopsNoPull() throws Exception {
    Files.delete(data.resolve("downloads"));
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(open)).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
    assertThat(mirror.facts.get(Tables.BLOBS, digest)).isEmpty();

    Files.createDirectories(new StorageLayout(data).downloads());
    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
    awaitStored();
  }

  @Test
  void theSizeOfAnAbsentBlobIsAskedByHeadAndFillsNothing() throws Exception {
    mirror.hub.blobSizes.put(digest, 2000L);
    Served<BlobStat> stat = get(mirror.onLoop(() -> mirror.nginx().blobs().stat(digest)));
    assertThat(stat.value()).isEqualTo(BlobStat.ofBytes(2000));
    assertThat(mirror.hub.blobGets).hasValue(0);
    assertThat(mirror.hub.blobHeads).hasValue(1);
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
  void aFileThatWasCutShortIsFetchedAgain() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    all(open);
    awaitStored();
    mirror.store.delete(digest);
    Files.write(blobFile(), java.util.Arrays.copyOf(content, 500));

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void aBlobThatRottedBeforeAnUncleanStopIsFetchedAgainWithinTheRequest() throws Exception {
    keepAndRot();
    mirror.store.unverified().doubtAllUntil(mirror.clock.millis());

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
    awaitStored();
    assertThat(data.resolve("quarantine/sha256-" + digest.hex())).exists();
  }

  @Test
  void manyWhoAskForADoubtedBlobWaitForOneProof() throws Exception {
    keep();
    mirror.store.unverified().doubtAllUntil(mirror.clock.millis());
    List<Future<Served<BlobBody>>> opens = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      opens.add(mirror.open(mirror.nginx(), digest));
    }
    for (Future<Served<BlobBody>> open : opens) {
      assertThat(result(open)).isEqualTo(CacheResult.HIT);
      assertThat(all(open)).isEqualTo(Buffer.buffer(content));
    }
    assertThat(mirror.hub.hasTransfer()).isFalse();
    assertThat(mirror.store.unverified().covers(digest, 0)).as("it is believed now").isFalse();
  }

  @Test
  void whatWasStoredAfterAnUncleanStopIsNotDoubted() throws Exception {
    mirror.store.unverified().doubtAllUntil(mirror.clock.millis() - 1);
    keepAndRot();
    assertThat(all(mirror.open(mirror.nginx(), digest)).getByte(0))
        .as("nobody looked")
        .isNotEqualTo(content[0]);
  }

  @Test
  void aBlobThatAClientDoubtsIsProvenFirst() throws Exception {
    keepAndRot();
    mirror.nginx().blobs().doubt(digest);

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void aBlobThatWasJustProvenIsNotDoubtedAgain() throws Exception {
    keep();
    mirror.nginx().blobs().doubt(digest);
    all(mirror.open(mirror.nginx(), digest));
    mirror.nginx().blobs().doubt(digest);
    assertThat(mirror.store.unverified().covers(digest, 0)).isFalse();
  }

  @Test
  void aBlobThatCannotBeReadToItsEndIsReplaced() throws Exception {
    keepAndRot();
    BlobBody body = get(mirror.open(mirror.nginx(), digest)).value();
    body.unreadable(new IOException("Input/output error"));
    body.close();
    Eventually.until("the file is moved away", () -> !mirror.store.contains(digest));
    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void theHeadOfALargeDoubtedBlobDoesNotWaitForItsProof() throws Exception {
    long large = PullThroughBlobs.LARGE;
    Path file = data.resolve("blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex());
    Files.createDirectories(file.getParent());
    try (FileChannel sparse =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      // Nothing but zeros, and so not the blob.
      sparse.write(ByteBuffer.allocate(1), large - 1);
    }
    link(large);
    mirror.store.unverified().doubtAllUntil(mirror.clock.millis());

    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    assertThat(result(open)).isEqualTo(CacheResult.HIT);
    BlobBody body = get(open).value();
    assertThat(body.size()).isEqualTo(large);
    Future<Region> first = mirror.onLoop(() -> body.next(0, large));
    mirror.hub.nextTransfer().answer(large).send(content);
    assertThat(MirrorFixture.bytes(get(first)).getByte(0)).as("upstream's").isEqualTo(content[0]);
    body.close();
    assertThat(file).doesNotExist();
  }

  private void keep() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    all(open);
    awaitStored();
    awaitNoDownload();
  }

  private void keepAndRot() throws Exception {
    keep();
    Path file = data.resolve("blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    byte[] rotten = content.clone();
    rotten[0] ^= 1;
    Files.write(file, rotten);
  }

  @Test
  void aFullCacheStreamsThroughAndKeepsNothing() throws Exception {
    mirror.room.set(0);
    Future<Served<BlobBody>> first = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(content, 0, 1000);
    BlobBody second = get(mirror.open(mirror.nginx(), digest)).value();
    Future<Buffer> answer = mirror.readAll(get(first).value());
    Future<Buffer> shared = mirror.readAll(second);
    transfer.send(content, 1000, 2000).end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
    assertThat(get(shared)).isEqualTo(Buffer.buffer(content));
    assertThat(mirror.hub.blobGets).hasValue(1);
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isFalse();
    assertThat(data.resolve("downloads")).isEmptyDirectory();
    assertThat(mirror.budget.used()).isZero();

    mirror.room.set(1 << 30);
    Future<Served<BlobBody>> later = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(later)).isEqualTo(Buffer.buffer(content));
    awaitStored();
    assertThat(mirror.budget.used()).as("a block").isEqualTo(4096);
  }

  @Test
  void whoComesTooLateForAnUncachedDownloadGetsOneOfItsOwn() throws Exception {
    mirror.room.set(0);
    Future<Served<BlobBody>> early = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer first = mirror.hub.nextTransfer().answer(2000).send(content, 0, 1000);
    BlobBody body = get(early).value();
    get(mirror.read(mirror.keepingOpen(body), 0, 1000));
    awaitUncached();
    List<Future<Region>> next = new ArrayList<>();
    get(
        mirror.onLoop(
            () -> {
              next.add(body.next(1000, 2000));
              return Future.succeededFuture(true);
            }));
    Future<Served<BlobBody>> late = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(late)).isEqualTo(Buffer.buffer(content));
    first.send(content, 1000, 2000).end();
    get(next.getFirst());
    assertThat(get(mirror.read(body, 1000, 2000)))
        .isEqualTo(Buffer.buffer(content).getBuffer(1000, 2000));
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

  @Test
  void aRangeFarAheadIsFetchedAtOnceAndTheRestInTheBackground() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest, "bytes=1500-1599");
    ScriptedTransfer front = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    BlobBody body = get(open).value();
    Future<Buffer> middle = mirror.read(body, 1500, 1600);
    ScriptedTransfer far = mirror.hub.nextTransfer();
    assertThat(far.first).isEqualTo(1500);
    BlobBody whole = get(mirror.open(mirror.nginx(), digest)).value();
    Future<Buffer> all = mirror.readAll(whole);
    far.answer(2000).send(content, 1500, 1600);
    assertThat(get(middle)).isEqualTo(Buffer.buffer(content).getBuffer(1500, 1600));
    far.send(content, 1600, 2000).end();
    front.send(content, 10, 1500);
    assertThat(get(all)).isEqualTo(Buffer.buffer(content));
    assertThat(front.cancelled.await(10, SECONDS)).as("front stops where the other began").isTrue();
    awaitStored();
  }

  @Test
  void anUpstreamThatIgnoresRangesServesARangeFromTheFront() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest, "bytes=1500-1599");
    ScriptedTransfer front = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    Future<Buffer> middle = mirror.read(get(open).value(), 1500, 1600);
    mirror.hub.nextTransfer().answer(0, OptionalLong.of(2000)).send(content).end();
    front.send(content, 10, 1500).end();
    ScriptedTransfer rest = mirror.hub.nextTransfer();
    rest.answer(0, OptionalLong.of(2000)).send(content).end();
    assertThat(get(middle)).isEqualTo(Buffer.buffer(content).getBuffer(1500, 1600));
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

  private Path blobFile() {
    return data.resolve("blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex());
  }

  private void link(long size) {
    get(
        mirror.index.apply(
            List.of(
                Tables.LINKS.put(
                    new InRepository<>(mirror.hub.zone(), NGINX, digest),
                    new LinkRecord(MediaType.OCTET_STREAM, size)))));
  }

  private void awaitUncached() {
    Eventually.until(
        "the download is uncached", () -> !mirror.downloads.list().getFirst().cached());
  }

  private void awaitStored() throws Exception {
    awaitNoDownload();
    assertThat(mirror.facts.get(Tables.BLOBS, digest)).isPresent();
  }

  private void awaitNoDownload() throws Exception {
    get(mirror.downloads.idle());
  }

  private static void assertError(Future<?> future, ErrorCode code, String message) {
    assertThatThrownBy(() -> get(future))
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private static CacheResult result(Future<Served<BlobBody>> served) {
    return get(served).provenance().result();
  }

  private Buffer all(Future<Served<BlobBody>> served) {
    return get(mirror.readAll(get(served).value()));
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.await(10, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened for 10 s", e);
    }
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
