package dev.breakwater.index;

import dev.breakwater.oci.DiskReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index's directory and the files beside it: the one class that knows their names.
 *
 * <pre>
 * index                        RocksDB's own
 * index.opening                how many openings in a row have not finished
 * index.damaged                a read found damage: to be replaced at the next start
 * index.bad.20260102T030405Z   the last one that was replaced
 * index.probe                  written and removed to see whether the disk takes writes
 * </pre>
 */
final class IndexFiles {
  private static final int PROBE_BYTES = 1024 * 1024;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Logger log = LoggerFactory.getLogger(IndexFiles.class);

  private final Path directory;

  IndexFiles(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  Path directory() {
    return directory;
  }

  /** Whether there is no index: no directory, or an empty one. */
  boolean isAbsent() {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }

  /** How many openings in a row began and did not end, because the process died meanwhile. */
  int unfinishedOpenings() {
    Path mark = beside("opening");
    if (!Files.exists(mark)) {
      return 0;
    }
    try {
      String text = Files.readString(mark).trim();
      return text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 1;
    } catch (IOException e) {
      return 1;
    }
  }

  /** Marks that an opening begins. A disk that takes no writes goes without the mark. */
  void beginOpening() {
    write(beside("opening"), Integer.toString(unfinishedOpenings() + 1));
  }

  /** Marks that the opening ended, well or badly, with the process alive. */
  void endOpening() {
    delete(beside("opening"));
  }

  boolean isMarkedDamaged() {
    return Files.exists(beside("damaged"));
  }

  void markDamaged(String reason) {
    write(beside("damaged"), reason);
  }

  /**
   * Moves the index out of the way, with its marks. Only the last one moved is kept.
   *
   * @throws IndexException if it cannot be moved
   */
  void setAside(Instant now) {
    Path target = beside("bad." + STAMP.format(now));
    try {
      if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        for (Path old : besides("bad.")) {
          deleteTree(old);
        }
        Files.move(directory, target);
        log.warn("index: the old one is kept as {} and may be deleted", target);
      }
    } catch (IOException e) {
      throw new IndexException(
          "index "
              + directory
              + " is unreadable and cannot be renamed: "
              + e
              + ": check who owns the directory above it",
          e);
    }
    delete(beside("damaged"));
    delete(beside("opening"));
  }

  /** Whether a file of some size can be written beside the index; blocks for its fsync. */
  boolean isDiskWritable() {
    Path probe = beside("probe");
    try (FileChannel channel =
        FileChannel.open(
            probe,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.allocate(PROBE_BYTES);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
      return true;
    } catch (IOException e) {
      log.debug("index: probe", e);
      return false;
    } finally {
      delete(probe);
    }
  }

  private Path beside(String suffix) {
    return directory.resolveSibling(directory.getFileName() + "." + suffix);
  }

  private List<Path> besides(String suffixPrefix) throws IOException {
    Path parent = directory.getParent();
    if (parent == null) {
      return List.of();
    }
    String prefix = directory.getFileName() + "." + suffixPrefix;
    try (Stream<Path> siblings = Files.list(parent)) {
      return siblings.filter(path -> path.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      log.debug("index: cannot write {}", file, e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.warn("index: cannot delete {}: {}", file, DiskReason.of(e));
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
