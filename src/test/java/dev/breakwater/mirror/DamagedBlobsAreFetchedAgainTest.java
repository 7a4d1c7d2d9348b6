package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.Tables;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import dev.breakwater.registry.Served;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The disk decides what is here, and what may be damaged is hashed before it is served. */
class DamagedBlobsAreFetchedAgainTest extends BlobPulls {
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
  void aFileThatWasCutShortIsFetchedAgain() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    all(open);
    awaitStored();
    mirror.store.delete(digest);
    Files.write(blobFile(), Arrays.copyOf(content, 500));

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
        .as("it is not read again")
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
    Path file = blobFile();
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
    assertThat(Regions.bytes(get(first)).getByte(0)).as("upstream's").isEqualTo(content[0]);
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
    Path file = blobFile();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    byte[] rotten = content.clone();
    rotten[0] ^= 1;
    Files.write(file, rotten);
  }

  private Path blobFile() {
    return data.resolve("blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex());
  }
}
