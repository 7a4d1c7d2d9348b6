package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Opens and writes an index while every write to a file fails: the process sets its own limit on
 * the size of files to nothing, which needs no special rights and leaves other processes alone.
 * Ends with code 0 if the index behaved.
 */
final class FullDiskProcess {
  private final AtomicLong nanoTime = new AtomicLong();
  private final Path directory;

  private FullDiskProcess(Path directory) {
    this.directory = directory;
  }

  public static void main(String[] arguments) throws Throwable {
    FullDiskProcess test = new FullDiskProcess(Path.of(arguments[0]));
    test.writesFailAndComeBack();
    test.openedWhileFullItReadsAndComesBack();
    test.nothingIsCreatedOnAFullDisk();
  }

  private void writesFailAndComeBack() throws Throwable {
    try (RocksIndex index = open(directory)) {
      index.apply(blob(1));
      limitFileSize(0);
      assertWritesFail(index);
      pass(Duration.ofSeconds(16));
      assertWritesFail(index);
      pass(Duration.ofSeconds(16));
      limitFileSize(-1);
      index.apply(blob(3));
      assertThat(index.writable()).isTrue();
      assertThat(index.get(Tables.BLOBS, Samples.digest(1))).isPresent();
      assertThat(index.get(Tables.BLOBS, Samples.digest(3))).isPresent();
    }
  }

  private void openedWhileFullItReadsAndComesBack() throws Throwable {
    limitFileSize(0);
    try (RocksIndex index = open(directory)) {
      assertWritesFail(index);
      assertThat(index.get(Tables.BLOBS, Samples.digest(3))).isPresent();
      limitFileSize(-1);
      pass(Duration.ofSeconds(16));
      index.apply(blob(4));
      assertThat(index.writable()).isTrue();
    }
    try (RocksIndex index = open(directory)) {
      for (int kept : List.of(1, 3, 4)) {
        assertThat(index.get(Tables.BLOBS, Samples.digest(kept))).isPresent();
      }
    }
  }

  private void nothingIsCreatedOnAFullDisk() throws Throwable {
    Path other = directory.resolveSibling("other");
    limitFileSize(0);
    assertThatThrownBy(() -> open(other))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("check the disk's free space");
    limitFileSize(-1);
    open(other).close();
    assertThat(Files.exists(other)).isTrue();
  }

  private static void assertWritesFail(RocksIndex index) {
    assertThatThrownBy(() -> index.apply(blob(2)))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("writing failed");
    assertThat(index.writable()).isFalse();
    assertThat(index.get(Tables.BLOBS, Samples.digest(1))).as("reading goes on").isPresent();
  }

  private RocksIndex open(Path where) {
    return new IndexOpener(where, InstantSource.system(), nanoTime::get).open().index();
  }

  private void pass(Duration time) {
    nanoTime.addAndGet(time.toNanos());
  }

  private static List<Change> blob(int number) {
    return List.of(Tables.BLOBS.put(Samples.digest(number), Samples.blob(number)));
  }

  /** {@code setrlimit(RLIMIT_FSIZE, {bytes, unlimited})}; -1 is unlimited. */
  @SuppressWarnings("restricted")
  private static void limitFileSize(long bytes) throws Throwable {
    int rlimitFsize = 1;
    Linker linker = Linker.nativeLinker();
    MethodHandle setrlimit =
        linker.downcallHandle(
            linker.defaultLookup().find("setrlimit").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment softAndHard = arena.allocateFrom(ValueLayout.JAVA_LONG, bytes, -1L);
      assertThat((int) setrlimit.invokeExact(rlimitFsize, softAndHard)).isZero();
    }
  }
}
