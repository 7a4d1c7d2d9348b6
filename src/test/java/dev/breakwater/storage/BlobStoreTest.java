package dev.breakwater.storage;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlobStoreTest {
  @TempDir Path data;
  private final Vertx vertx = Vertx.vertx();
  private final byte[] content = bytes(300_000);
  private final Digest digest = Digest.ofSha256(content);
  private BlobStore store;

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(vertx, new StorageLayout(data));
  }

  @AfterEach
  void close() throws Exception {
    store.close();
    vertx.close().await(10, SECONDS);
  }

  @Test
  void anAbsentBlobIsNoSuchFile() {
    assertThatThrownBy(() -> store.open(digest).await(10, SECONDS))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(store.contains(digest)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(DigestAlgorithm.class)
  void aCommittedBlobIsReadOnlyUnderItsDigest(DigestAlgorithm algorithm) throws Exception {
    Digest named = Digest.of(algorithm, content);
    store(named, content);
    Path file =
        data.resolve("blobs/" + algorithm.prefix() + "/" + named.hex().substring(0, 2))
            .resolve(named.hex());
    assertThat(file).hasBinaryContent(content);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("r--r-----");
    assertThat(data.resolve("downloads")).isEmptyDirectory();
    assertThat(read(named)).isEqualTo(content);
  }

  @Test
  void aFinishedFileIsAdoptedUnderItsDigest() throws Exception {
    Path file = Files.write(data.resolve("finished"), content);
    store.adopt(file, digest, content.length);
    assertThat(read(digest)).isEqualTo(content);
    assertThat(file).doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(blob())))
        .isEqualTo("r--r-----");
  }

  @Test
  void anAdoptedFileTakesThePlaceOfTheBlobWhoseBytesAreThenFree() throws Exception {
    List<Long> freed = new ArrayList<>();
    store.whenFreed(freed::add);
    store.adopt(Files.write(data.resolve("first"), content), digest, content.length);
    assertThat(freed).isEmpty();
    BlobFile read = store.open(digest).await(10, SECONDS);

    store.adopt(Files.write(data.resolve("second"), content), digest, content.length);
    assertThat(freed).as("a client reads it").isEmpty();
    assertThat(read(digest)).isEqualTo(content);
    read.release();
    assertThat(freed).containsExactly(Blocks.of(content.length));
  }

  @Test
  void aFileOfAnotherSizeIsNotAdopted() throws Exception {
    Path file = Files.write(data.resolve("cut"), new byte[10]);
    assertThatThrownBy(() -> store.adopt(file, digest, 11)).hasMessageContaining("10 bytes");
    assertThat(store.contains(digest)).isFalse();
    assertThat(file).exists();
  }

  @Test
  void aNameIsTakenFromTheFileThatGotItAndFromNoOther() throws Exception {
    Path file = Files.write(data.resolve("finished"), content);
    FileIdentity adopted = FileIdentity.of(file);
    store.adopt(file, digest, content.length);
    Path other = Files.write(data.resolve("other"), content);
    store.revoke(digest, FileIdentity.of(other));
    assertThat(store.contains(digest)).isTrue();
    store.revoke(digest, adopted);
    assertThat(store.contains(digest)).isFalse();
  }

  private Path blob() {
    return data.resolve("blobs/sha256/" + digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  @Test
  void bytesThatDoNotHashToTheDigestAreNotProven() {
    byte[] wrong = content.clone();
    wrong[123_456] ^= 1;
    PrefixHash hash = new PrefixHash(digest);
    hash.update(0, new ByteBuffer[] {ByteBuffer.wrap(wrong)});
    assertThat(hash.matches(wrong.length)).isFalse();
  }

  @Test
  void tooFewBytesAreNotProven() {
    PrefixHash hash = new PrefixHash(digest);
    hash.update(0, new ByteBuffer[] {ByteBuffer.wrap(content, 0, content.length - 1)});
    assertThat(hash.matches(content.length)).isFalse();
  }

  @Test
  void piecesMayComeInAnyOrder() throws Exception {
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      PrefixHash hash = new PrefixHash(digest);
      for (int[] piece : new int[][] {{200_000, 100_000}, {0, 50_000}, {40_000, 160_000}}) {
        hash.update(piece[0], new ByteBuffer[] {ByteBuffer.wrap(content, piece[0], piece[1])});
        write(part, piece[0], content, piece[0], piece[1]);
      }
      assertThat(hash.position()).isEqualTo(200_000);
      hash.catchUp(part.file().channel(), part.endOfRunAt(200_000));
      assertThat(hash.matches(content.length)).isTrue();
      part.commit(content.length);
    }
    assertThat(read(digest)).isEqualTo(content);
  }

  @Test
  void aDownloadGoesOnFromTheBytesOfAnEarlierOne() throws Exception {
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      write(part, 0, content, 0, 100_000);
      write(part, 250_000, content, 250_000, 50_000);
      part.saveState();
    }
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      assertThat(part.present().gaps(0, content.length))
          .containsExactly(new PresentRanges.Range(100_000, 250_000));
      write(part, 100_000, content, 100_000, 150_000);
      part.commit(content.length);
    }
    assertThat(read(digest)).isEqualTo(content);
    assertThat(data.resolve("downloads")).isEmptyDirectory();
  }

  @Test
  void whatWasWrittenIsKnownAfterACrash() throws Exception {
    byte[] large = bytes(17 * 1024 * 1024);
    Digest name = Digest.ofSha256(large);
    PartFile crashed = store.parts().open(name).orElseThrow();
    write(crashed, 0, large, 0, large.length);
    store.parts().closed(crashed);
    try (PartFile part = store.parts().open(name).orElseThrow()) {
      assertThat(part.present().prefix()).isEqualTo(large.length);
      part.discard();
    }
    crashed.file().release();
  }

  @Test
  void aStateThatPromisesMoreThanTheFileHoldsIsCutToTheFile() throws Exception {
    Files.writeString(
        data.resolve("downloads").resolve(digest.hex() + ".json"), "{\"present\":[[0,999999]]}");
    Files.write(data.resolve("downloads").resolve(digest.hex() + ".part"), new byte[10]);
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      assertThat(part.present().runs()).containsExactly(new PresentRanges.Range(0, 10));
      part.discard();
    }
  }

  @Test
  void aBrokenStateIsNoState() throws Exception {
    Files.writeString(
        data.resolve("downloads").resolve(digest.hex() + ".json"), "{\"present\":[[0,");
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      assertThat(part.present().runs()).isEmpty();
      part.discard();
    }
  }

  @Test
  void restartForgetsEverything() throws Exception {
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      write(part, 0, new byte[content.length], 0, content.length);
      part.restart();
      write(part, 0, content, 0, content.length);
      part.commit(content.length);
    }
    assertThat(read(digest)).isEqualTo(content);
  }

  @Test
  void aReaderOfADeletedBlobReadsOn() throws Exception {
    store(digest, content);
    BlobFile file = store.open(digest).await(10, SECONDS);
    store.delete(digest);
    ByteBuffer read = ByteBuffer.allocate(content.length);
    assertThat(file.channel().read(read, 0)).isEqualTo(content.length);
    file.release();
    assertThat(file.channel().isOpen()).isFalse();
    assertThatThrownBy(() -> store.open(digest).await(10, SECONDS))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void anOpenFileIsSharedAndClosedByTheLastToLetGo() throws Exception {
    store(digest, content);
    BlobFile first = store.open(digest).await(10, SECONDS);
    BlobFile second = store.open(digest).await(10, SECONDS);
    assertThat(second).isSameAs(first);
    first.release();
    assertThat(second.channel().isOpen()).isTrue();
    second.release();
    assertThat(second.channel().isOpen()).as("kept for the next reader").isTrue();
  }

  @Test
  void aPartFileHasOneWriter() throws Exception {
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      assertThat(store.parts().open(digest)).isEmpty();
      part.discard();
    }
    store.parts().open(digest).orElseThrow().close();
  }

  @Test
  void allBlobsAreCountedAndForeignFilesAreNot() throws Exception {
    store(digest, content);
    Digest other = Digest.of(DigestAlgorithm.SHA512, new byte[7]);
    store(other, new byte[7]);
    Files.writeString(
        data.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2)).resolve("lost+found"),
        "x");
    assertThat(store.volume().contentBytes()).isEqualTo(Blocks.of(300_000) + Blocks.of(7));
  }

  @Test
  void aSymbolicLinkInTheDataDirectoryIsRefused(@TempDir Path elsewhere) throws Exception {
    Path linked = elsewhere.resolve("data");
    Files.createDirectories(linked);
    Files.createSymbolicLink(linked.resolve("blobs"), elsewhere);
    assertThatThrownBy(() -> BlobStore.open(vertx, new StorageLayout(linked)))
        .hasMessageContaining("is a symbolic link");
  }

  private void store(Digest named, byte[] bytes) throws IOException {
    try (PartFile part = store.parts().open(named).orElseThrow()) {
      write(part, 0, bytes, 0, bytes.length);
      part.commit(bytes.length);
    }
  }

  private static void write(PartFile part, long at, byte[] bytes, int offset, int length)
      throws IOException {
    int half = length / 2;
    part.write(
        at,
        new ByteBuffer[] {
          ByteBuffer.wrap(bytes, offset, half), ByteBuffer.wrap(bytes, offset + half, length - half)
        });
  }

  private byte[] read(Digest named) throws Exception {
    BlobFile file = store.open(named).await(10, SECONDS);
    try {
      ByteBuffer read = ByteBuffer.allocate((int) file.size());
      while (read.hasRemaining() && file.channel().read(read, read.position()) >= 0) {
        // Until it is all here.
      }
      return read.array();
    } finally {
      file.release();
    }
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
