package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

class RocksIndexOpeningTest {
  private static final int BLOBS = 20_000;
  private static final String BAD = "index.bad.20260102T030405Z";

  @TempDir private Path data;
  private Path directory;
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");

  @BeforeEach
  void fillAnIndex() {
    directory = data.resolve("index");
    try (RocksIndex index = open().index()) {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < BLOBS; i++) {
        changes.add(Tables.BLOBS.put(Samples.digest(i), Samples.blob(i)));
      }
      index.apply(changes);
      index.rebuilt();
    }
    // Opening replays the log and leaves table files.
    open().index().close();
  }

  @Test
  void aHealthyIndexIsOpenedAsItWasLeft() throws Exception {
    OpenedIndex opened = open();
    try (RocksIndex index = opened.index()) {
      assertThat(opened.fresh()).isFalse();
      assertThat(count(index)).isEqualTo(BLOBS);
    }
    assertThat(siblings()).containsExactly("index");
  }

  @Test
  void garbageInCurrentIsMovedAside() throws Exception {
    Files.writeString(directory.resolve("CURRENT"), "garbage");
    assertReplaced();
  }

  @Test
  void aMissingCurrentIsMovedAsideNotOverwritten() throws Exception {
    Files.delete(directory.resolve("CURRENT"));
    assertReplaced();
    try (var kept = Files.list(data.resolve(BAD))) {
      assertThat(kept.map(Path::toString)).anyMatch(name -> name.endsWith(".sst"));
    }
  }

  @Test
  void garbageInTheManifestIsMovedAside() throws Exception {
    Path manifest = only("MANIFEST-");
    Files.write(manifest, garbage((int) Files.size(manifest)));
    assertReplaced();
  }

  @Test
  void garbageInATableIsMovedAside() throws Exception {
    for (Path table : all(".sst")) {
      Files.write(table, garbage((int) Files.size(table)));
    }
    assertReplaced();
  }

  @Test
  void aTruncatedTableIsMovedAside() throws Exception {
    Path table = largest(".sst");
    try (FileChannel channel = FileChannel.open(table, StandardOpenOption.WRITE)) {
      channel.truncate(Files.size(table) / 2);
    }
    assertReplaced();
  }

  @Test
  void aMissingTableIsMovedAside() throws Exception {
    Files.delete(largest(".sst"));
    assertReplaced();
  }

  @Test
  void aFileInThePlaceOfTheDirectoryIsMovedAside() throws Exception {
    TestTrees.delete(directory);
    Files.writeString(directory, "not an index");
    assertReplaced();
  }

  @Test
  void anotherFormatVersionIsMovedAside() throws Exception {
    try (RocksHandle handle = RocksHandle.open(directory)) {
      byte[] version = ByteBuffer.allocate(4).putInt(RocksHandle.FORMAT_VERSION + 1).array();
      handle.write(List.of(new Row(Family.META, IndexKeys.FORMAT, version)));
    }
    assertReplaced();
  }

  @Test
  void damageInsideATableCountsAsAbsentAndTheNextStartReplacesIt() throws Exception {
    Path table = largest(".sst");
    try (FileChannel channel = FileChannel.open(table, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(garbage(20_000)), Files.size(table) / 2);
    }
    OpenedIndex opened = open();
    try (RocksIndex index = opened.index()) {
      assertThat(opened.fresh()).isFalse();
      int found = 0;
      for (int i = 0; i < BLOBS; i++) {
        found += index.get(Tables.BLOBS, Samples.digest(i)).isPresent() ? 1 : 0;
      }
      assertThat(found).isPositive().isLessThan(BLOBS);
      assertThatThrownBy(() -> count(index))
          .as("a scan with a hole in it must not pass for whole")
          .isInstanceOf(IndexException.class)
          .hasMessageContaining(directory.toString());
    }
    assertReplaced();
  }

  @Test
  void threeOpeningsThatEndedTheProcessMoveItAside() throws Exception {
    IndexFiles files = new IndexFiles(directory);
    files.beginOpening();
    files.beginOpening();
    files.beginOpening();
    assertReplaced();
  }

  @Test
  void twoOpeningsThatEndedTheProcessDoNot() throws Exception {
    IndexFiles files = new IndexFiles(directory);
    files.beginOpening();
    files.beginOpening();
    OpenedIndex opened = open();
    opened.index().close();
    assertThat(opened.fresh()).isFalse();
    assertThat(siblings()).as("the count begins anew").containsExactly("index");
  }

  @Test
  void openingsAreCountedWhileTheyGoOn() {
    IndexFiles files = new IndexFiles(directory);
    assertThat(files.unfinishedOpenings()).isZero();
    files.beginOpening();
    assertThat(files.unfinishedOpenings()).isEqualTo(1);
    files.beginOpening();
    assertThat(files.unfinishedOpenings()).isEqualTo(2);
    files.endOpening();
    assertThat(files.unfinishedOpenings()).isZero();
  }

  @Test
  void anUnreadableCountCountsAsOne() throws Exception {
    for (String text : List.of("", "many", "-3", "99999999999")) {
      Files.writeString(data.resolve("index.opening"), text);
      assertThat(new IndexFiles(directory).unfinishedOpenings()).isEqualTo(1);
    }
  }

  @Test
  void onlyTheLastBadIndexIsKept() throws Exception {
    Files.writeString(directory.resolve("CURRENT"), "garbage");
    assertReplaced();
    now = now.plusSeconds(60);
    Files.writeString(directory.resolve("CURRENT"), "garbage");
    open().index().close();
    assertThat(siblings()).containsExactly("index", "index.bad.20260102T030505Z");
  }

  @Test
  void aParentThatCannotBeCreatedIsAClearError() throws Exception {
    Path file = Files.writeString(data.resolve("file"), "");
    assertThatThrownBy(() -> RocksIndex.open(file.resolve("index")))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("cannot be created")
        .hasMessageContaining("check the disk");
  }

  @Test
  void openedReadOnlyItReadsAndRefusesWrites() throws Exception {
    try (RocksHandle handle = RocksHandle.openReadOnly(directory)) {
      assertThat(handle.get(Family.BLOBS, IndexKeys.digest(Samples.digest(1)))).isNotNull();
      Row row = new Row(Family.META, new byte[] {1}, new byte[] {1});
      assertThatThrownBy(() -> handle.write(List.of(row))).isInstanceOf(RocksDBException.class);
    }
  }

  @Test
  void aWriteProbeLeavesNothingBehind() throws Exception {
    assertThat(new IndexFiles(directory).isDiskWritable()).isTrue();
    assertThat(siblings()).containsExactly("index");
    assertThat(new IndexFiles(data.resolve("missing/index")).isDiskWritable()).isFalse();
  }

  private OpenedIndex open() {
    InstantSource clock = () -> now;
    return new IndexOpener(directory, clock, System::nanoTime).open();
  }

  private void assertReplaced() throws Exception {
    OpenedIndex opened = open();
    try (RocksIndex index = opened.index()) {
      assertThat(opened.fresh()).isTrue();
      assertThat(count(index)).isZero();
      index.apply(List.of(Tables.BLOBS.put(Samples.digest(1), Samples.blob(1))));
      assertThat(index.get(Tables.BLOBS, Samples.digest(1))).isPresent();
    }
    assertThat(siblings()).containsExactly("index", BAD);
  }

  private static int count(RocksIndex index) {
    int[] count = new int[1];
    index.scan(Tables.BLOBS, (digest, blob) -> count[0]++);
    return count[0];
  }

  private Path only(String prefix) throws Exception {
    try (var files = Files.list(directory)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }

  private List<Path> all(String suffix) throws Exception {
    try (var files = Files.list(directory)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(suffix)).toList();
      assertThat(found).isNotEmpty();
      return found;
    }
  }

  private Path largest(String suffix) throws Exception {
    Path largest = all(suffix).getFirst();
    for (Path file : all(suffix)) {
      largest = Files.size(file) > Files.size(largest) ? file : largest;
    }
    return largest;
  }

  private static byte[] garbage(int length) {
    byte[] garbage = new byte[length];
    new Random(1).nextBytes(garbage);
    return garbage;
  }

  private List<String> siblings() throws Exception {
    try (var files = Files.list(data)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
