package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * The files that downloads write, at most one writer for each digest, and what earlier downloads
 * left. Thread-safe; the store closes it.
 */
public final class PartFiles {
  private final BlobStore store;
  private final StorageLayout layout;
  private final WorkerExecutor opening;
  private final LongConsumer freed;
  private final DiskThreads threads = new DiskThreads();

  /** What is written now, or is a blob that is not yet made known. */
  private final Set<Digest> written = ConcurrentHashMap.newKeySet();

  /** Blobs that are still read as the part files they were. */
  private final Map<Digest, BlobFile> followed = new ConcurrentHashMap<>();

  /**
   * What a download left that is not under way.
   *
   * @param bytes what it takes of the disk, in whole blocks
   */
  public record Leftover(Digest digest, long bytes) {}

  /**
   * The part files of a store.
   *
   * @param opening the threads that files are opened on for reading
   * @param freed told of the bytes that were deleted
   */
  PartFiles(BlobStore store, StorageLayout layout, WorkerExecutor opening, LongConsumer freed) {
    this.store = store;
    this.layout = layout;
    this.opening = opening;
    this.freed = freed;
  }

  /**
   * Makes the directory. One that has its former name is renamed; its files are moved one by one
   * only where both have files. If that is cut short, the next call does the rest.
   */
  static void prepare(StorageLayout layout) throws IOException {
    Path downloads = layout.downloads();
    Directories.make(downloads);
    Path former = layout.formerDownloads();
    if (!Files.isDirectory(former, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Directories.list(downloads).isEmpty()) {
      // Takes the place of the empty directory.
      Files.move(former, downloads, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    // By their names bytes come before the state that says which they are.
    List<Path> files = new ArrayList<>(Directories.list(former));
    files.sort(Comparator.reverseOrder());
    for (Path file : files) {
      takeOver(file, layout);
    }
    Files.delete(former);
  }

  private static void takeOver(Path file, StorageLayout layout) throws IOException {
    Path target = layout.downloads().resolve(file.getFileName());
    Optional<Digest> part = StorageLayout.digestOfPart(file);
    if (part.isPresent()) {
      // It is that of the file which is replaced.
      Files.deleteIfExists(layout.partState(part.get()));
    } else if (file.toString().endsWith(StorageLayout.STATE) && Files.exists(target)) {
      // The same the other way round: this state's bytes are gone.
      Files.delete(file);
      return;
    }
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Begins, or takes up again, the file that a download of this digest writes; blocking. Empty if
   * another download writes it already.
   *
   * @throws IOException if the file cannot be made
   */
  public Optional<PartFile> open(Digest digest) throws IOException {
    if (!written.add(digest)) {
      return Optional.empty();
    }
    try {
      return Optional.of(PartFile.open(this, layout, digest));
    } catch (IOException e) {
      written.remove(digest);
      throw e;
    }
  }

  /**
   * A stand-in where no file can be made: it has no bytes and takes none.
   *
   * @throws IOException if this machine has no null device
   */
  public PartFile refusing(Digest digest) throws IOException {
    FileChannel nothing = FileChannel.open(Path.of("/dev/null"), StandardOpenOption.READ);
    return new PartFile(this, layout, digest, new BlobFile(nothing, 0), new PresentRanges(), true);
  }

  /**
   * The file of an unfinished download, for reading {@code [from, to)} of it, with a reference for
   * the caller; empty if not all of these bytes are known to be there. They are not proven.
   * Completes on the caller's context.
   *
   * @param size of the blob; a file with more bytes than that is not believed
   */
  public Future<Optional<BlobFile>> openPresent(Digest digest, long from, long to, long size) {
    return opening
        .executeBlocking(() -> PartFile.openPresent(layout, digest, from, to, size), false)
        .map(Objects::requireNonNull);
  }

  /**
   * Removes what an earlier download of this digest left; false if one is under way. Blocking.
   *
   * @throws IOException if a file cannot be removed
   */
  public boolean discard(Digest digest) throws IOException {
    if (!written.add(digest)) {
      return false;
    }
    try {
      freed.accept(
          Blocks.delete(StorageLayout.temporary(layout.partState(digest)))
              + Blocks.delete(layout.partState(digest))
              + Blocks.delete(layout.part(digest)));
      return true;
    } finally {
      written.remove(digest);
    }
  }

  /** What downloads left and was not written to since; blocking. */
  public List<Leftover> leftovers(Instant since) throws IOException {
    List<Leftover> left = new ArrayList<>();
    for (Path file : Directories.list(layout.downloads())) {
      Optional<Digest> digest = StorageLayout.digestOfPart(file);
      if (digest.isPresent() && !written.contains(digest.get())) {
        try {
          BasicFileAttributes part = Files.readAttributes(file, BasicFileAttributes.class);
          if (part.lastModifiedTime().toInstant().isBefore(since)) {
            left.add(new Leftover(digest.get(), Blocks.of(part.size()) + Blocks.SIZE));
          }
        } catch (NoSuchFileException gone) {
          // A download has gone on from it and made it a blob.
        }
      }
    }
    return left;
  }

  /** The threads that downloads work on. */
  public DiskThreads threads() {
    return threads;
  }

  BlobStore store() {
    return store;
  }

  /** Whether it is written, or read still as the part file it was. */
  boolean isInUse(Digest digest) {
    return written.contains(digest) || followed.containsKey(digest);
  }

  void closed(PartFile part) {
    written.remove(part.digest());
  }

  void committed(PartFile part) {
    Digest digest = part.digest();
    BlobFile file = part.file();
    followed.put(digest, file);
    file.whenClosed(() -> followed.remove(digest, file));
  }

  /** Finishes what is being written. */
  void close() {
    threads.close();
  }
}
