package dev.breakwater.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.DataDirectoryLock;
import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.StorageLayout;
import dev.breakwater.testing.RestoredLogging;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code breakwater fsck} as an operator meets it. */
@ExtendWith(RestoredLogging.class)
class FsckCommandTest {
  @TempDir Path data;
  private final Vertx vertx = Vertx.vertx();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Digest sound;
  private Digest rotten;
  private Digest gone;
  private Digest forgotten;

  @BeforeEach
  void fillADirectory() throws Exception {
    StorageLayout layout = new StorageLayout(data);
    try (BlobStore store = BlobStore.open(vertx, layout);
        RocksIndex index = RocksIndex.open(layout.index()).index()) {
      sound = store(store, index, "sound");
      rotten = store(store, index, "rotten");
      gone = store(store, index, "gone");
      forgotten = store(store, index, "forgotten");
      index.rebuilt();
    }
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private void damage() throws Exception {
    Path file = file(rotten);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "ROTTEN");
    Files.delete(file(gone));
    try (RocksIndex index = RocksIndex.open(data.resolve("index")).index()) {
      index.apply(List.of(Tables.BLOBS.delete(forgotten)));
    }
    Files.createFile(data.resolve("stranger"));
  }

  @Test
  void aSoundDirectoryIsCleanAndStaysUntouched() throws Exception {
    List<String> before = tree();
    assertThat(fsck()).as(err.toString()).isZero();
    assertThat(out.toString()).isEqualTo("4 blobs, 24 bytes read, 0 findings\n");
    before.add(data.resolve("lock").toString());
    assertThat(tree()).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void downloadsUnderTheirFormerNameAreNoStrangers() throws Exception {
    Files.move(data.resolve("downloads"), data.resolve("fills"));
    assertThat(fsck()).as(out.toString()).isZero();
    assertThat(data.resolve("fills")).isDirectory();
  }

  @Test
  void eachFindingIsALineWithItsRemedyAndNothingIsChanged() throws Exception {
    damage();
    assertThat(fsck()).isEqualTo(3);
    assertThat(fsck()).as("again").isEqualTo(3);
    assertThat(out.toString().lines().limit(5))
        .containsExactlyInAnyOrder(
            name(rotten)
                + ": is damaged: its content does not have the digest of its name: move it to the"
                + " quarantine (--repair does it)",
            name(gone)
                + ": is in the index, but the file is missing: drop the entry (--repair does it)",
            name(forgotten)
                + ": is intact, but not in the index: add it to the index"
                + " (--repair does it)",
            "stranger: is not Breakwater's, or is a symbolic link, and is never touched:"
                + " look what it is and move it away",
            "3 blobs, 20 bytes read, 4 findings");
    assertThat(file(rotten)).hasContent("ROTTEN");
  }

  @Test
  void storageOfAnOldRegistryIsNamedWithItsSizeAndLeftAlone() throws Exception {
    Path old = Files.createDirectories(data.resolve("docker/registry/v2/blobs/sha256/ab/abcd"));
    Files.write(old.resolve("data"), new byte[3 << 20]);
    Files.write(old.resolve("other"), new byte[1 << 19]);
    Files.createFile(data.resolve("scheduler-state.json"));

    assertThat(fsck("--repair")).isEqualTo(3);

    String remedy =
        ": delete it when that registry is not needed any more, or give Breakwater another"
            + " directory with --data";
    assertThat(out.toString().lines().limit(2))
        .containsExactly(
            data.resolve("docker")
                + ": is the storage of a registry:2, 3.5 MiB in 2 files, which Breakwater does not"
                + " use and counts against cache.maxSize"
                + remedy,
            data.resolve("scheduler-state.json")
                + ": is a file of a registry:2, which Breakwater does not use"
                + remedy);
    assertThat(old.resolve("data")).exists();
  }

  @Test
  void anotherDirectoryOfThatNameIsNoOldRegistry() throws Exception {
    Files.createDirectories(data.resolve("docker/volumes"));
    assertThat(fsck()).isEqualTo(3);
    assertThat(out.toString()).startsWith("docker: is not Breakwater's");
  }

  @Test
  void withoutReadingEverythingRotIsNotSeen() throws Exception {
    damage();
    assertThat(fsck("--quick")).isEqualTo(3);
    assertThat(out.toString()).contains(name(gone)).doesNotContain(name(rotten));
  }

  @Test
  void repairedItIsCleanButForStrangers() throws Exception {
    damage();
    assertThat(fsck("--repair")).isEqualTo(3);
    assertThat(out.toString())
        .contains(
            name(rotten)
                + ": is damaged: its content does not have the digest of its name: moved it to the")
        .endsWith("3 blobs, 20 bytes read, 4 findings, 1 left\n");
    Files.delete(data.resolve("stranger"));
    assertThat(fsck()).isZero();
    assertThat(fsck("--repair")).isZero();
    try (RocksIndex index = RocksIndex.open(data.resolve("index")).index()) {
      assertThat(index.get(Tables.BLOBS, sound)).isPresent();
      assertThat(index.get(Tables.BLOBS, forgotten)).isPresent();
      assertThat(index.get(Tables.BLOBS, rotten)).isEmpty();
      assertThat(index.get(Tables.BLOBS, gone)).isEmpty();
    }
  }

  @Test
  void aLostIndexIsRebuilt() throws Exception {
    Files.move(data.resolve("index"), data.resolve("index.bad.20260102T030405Z"));
    assertThat(fsck()).isEqualTo(3);
    assertThat(out.toString())
        .startsWith(
            "index: it is missing, or rebuilding it was interrupted: rebuild it from the blobs"
                + " (--repair does it)\n");
    assertThat(fsck("--repair")).isZero();
    assertThat(fsck()).isZero();
  }

  @Test
  void aDamagedIndexIsReplaced() throws Exception {
    Files.writeString(data.resolve("index/CURRENT"), "garbage\n");
    assertThat(fsck()).isEqualTo(3);
    assertThat(out.toString()).contains("index: it cannot be read");
    assertThat(fsck("--repair")).isZero();
    assertThat(fsck()).isZero();
  }

  @Test
  void aDirectoryThatAServerHoldsIsRefused() throws Exception {
    try (DataDirectoryLock _ = DataDirectoryLock.acquire(data)) {
      assertThat(fsck("--repair")).isEqualTo(1);
    }
    assertThat(err.toString()).contains("is in use by process").endsWith("with --data\n");
  }

  @Test
  void aDirectoryThatIsNotThereIsNamedAndNotMade() {
    Path missing = data.resolve("missing");
    Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), Map.of());
    assertThat(BreakwaterCommand.run(terminal, "fsck", "--data", missing.toString())).isEqualTo(1);
    assertThat(err.toString()).contains(missing + " does not exist; give the one");
    assertThat(missing).doesNotExist();
  }

  private int fsck(String... flags) {
    Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), Map.of());
    String[] all =
        Stream.concat(Stream.of("fsck", "--data", data.toString()), Stream.of(flags))
            .toArray(String[]::new);
    return BreakwaterCommand.run(terminal, all);
  }

  private List<String> tree() throws Exception {
    try (Stream<Path> all = Files.walk(data)) {
      return new java.util.ArrayList<>(all.map(Path::toString).toList());
    }
  }

  private static String name(Digest digest) {
    return "blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex();
  }

  private Path file(Digest digest) {
    return data.resolve(name(digest));
  }

  private static Digest store(BlobStore store, RocksIndex index, String text) throws Exception {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    Digest digest = Digest.ofSha256(bytes);
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      part.write(0, new ByteBuffer[] {ByteBuffer.wrap(bytes)});
      part.commit(bytes.length);
    }
    index.apply(List.of(Tables.BLOBS.put(digest, new BlobRecord(bytes.length, 0))));
    return digest;
  }
}
