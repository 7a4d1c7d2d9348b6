package dev.breakwater.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The content-addressed blob files. A file with a blob's name is complete and has its digest: names
 * are only given by {@link PartFile#commit}. Thread-safe; futures complete on the caller's context.
 */
public final class BlobStore implements AutoCloseable {
  private static final int OPEN_FILES = 1024;
  private static final int OPENING_THREADS = 4;
  private static final int DISK_THREADS = 2;

  private final StorageLayout layout;
  private final WorkerExecutor opening;
  private final ExecutorService disk;

  /** What downloads write. */
  private final Set<Digest> parts = ConcurrentHashMap.newKeySet();

  /** Descriptors of blobs that are asked often; each entry owns one reference. */
  private final Cache<Digest, BlobFile> open =
      Caffeine.newBuilder()
          .maximumSize(OPEN_FILES)
          .executor(Runnable::run)
          .removalListener(
              (@Nullable Digest digest, @Nullable BlobFile file, RemovalCause cause) -> {
                if (file != null) {
                  file.release();
                }
              })
          .build();

  private BlobStore(Vertx vertx, StorageLayout layout) {
    this.layout = layout;
    this.opening = vertx.createSharedWorkerExecutor("blob-open", OPENING_THREADS);
    this.disk =
        Executors.newFixedThreadPool(
            DISK_THREADS, Thread.ofPlatform().name("blob-disk-", 0).factory());
  }

  /**
   * Opens the store, making its directories where they are missing. The caller holds the data
   * directory's lock and closes the store.
   *
   * @throws IOException if a directory cannot be made, or is a symbolic link
   */
  public static BlobStore open(Vertx vertx, StorageLayout layout) throws IOException {
    for (Path directory :
        new Path[] {
          layout.blobs(),
          layout.blobs(DigestAlgorithm.SHA256),
          layout.blobs(DigestAlgorithm.SHA512),
          layout.fills()
        }) {
      makeDirectory(directory);
    }
    new Inventory(layout).refuseLinks();
    return new BlobStore(vertx, layout);
  }

  /**
   * The open file of a blob, with a reference for the caller; fails with {@link
   * java.nio.file.NoSuchFileException} if the blob is not here. Completed at once for files that
   * were asked lately.
   */
  public Future<BlobFile> open(Digest digest) {
    BlobFile cached = open.getIfPresent(digest);
    if (cached != null && cached.tryAcquire()) {
      return Future.succeededFuture(cached);
    }
    return opening.executeBlocking(() -> openNow(digest), false).map(Objects::requireNonNull);
  }

  private BlobFile openNow(Digest digest) throws IOException {
    FileChannel channel = openFile(layout.blob(digest));
    BlobFile file = new BlobFile(channel, channel.size());
    // One reference for the caller, one for the cache.
    open.put(digest, file.acquire());
    if (!contains(digest)) {
      // Deleted meanwhile: its bytes should not stay on the disk for the cache's sake.
      open.invalidate(digest);
    }
    return file;
  }

  /** A symbolic link in the place of a blob is no blob. */
  static FileChannel openFile(Path blob) throws IOException {
    try {
      return FileChannel.open(blob, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      if (Files.isSymbolicLink(blob)) {
        throw new NoSuchFileException(blob.toString());
      }
      throw e;
    }
  }

  /** Whether the blob is here; looks at the directory on a worker thread. */
  public Future<Boolean> isStored(Digest digest) {
    return opening.executeBlocking(() -> contains(digest), false).map(Boolean.TRUE::equals);
  }

  /** Whether the blob's file is there, by a look at the directory; blocking. */
  public boolean contains(Digest digest) {
    return Files.isRegularFile(layout.blob(digest), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Begins, or takes up again, the file that a download of this digest writes; blocking. Empty if
   * another download writes it already.
   *
   * @throws IOException if the file cannot be made
   */
  public Optional<PartFile> openPart(Digest digest) throws IOException {
    if (!parts.add(digest)) {
      return Optional.empty();
    }
    try {
      return Optional.of(PartFile.open(this, layout, digest));
    } catch (IOException e) {
      parts.remove(digest);
      throw e;
    }
  }

  /**
   * Removes what an earlier download of this digest left; false if one is under way. Blocking.
   *
   * @throws IOException if a file cannot be removed
   */
  public boolean discardFill(Digest digest) throws IOException {
    if (!parts.add(digest)) {
      return false;
    }
    try {
      Files.deleteIfExists(StorageLayout.temporary(layout.partState(digest)));
      Files.deleteIfExists(layout.partState(digest));
      Files.deleteIfExists(layout.part(digest));
      return true;
    } finally {
      parts.remove(digest);
    }
  }

  /** Where everything lies. */
  public StorageLayout layout() {
    return layout;
  }

  void partClosed(PartFile part) {
    parts.remove(part.digest());
  }

  /** Removes a blob; those who read it go on reading. Blocking; no error if it is not there. */
  public void delete(Digest digest) throws IOException {
    Files.deleteIfExists(layout.blob(digest));
    open.invalidate(digest);
  }

  /**
   * Takes a blob that is damaged out of the store and keeps its file apart, in the place of an
   * earlier one of that name. Who reads it goes on reading. Blocking; no error if it is not there.
   */
  public void quarantine(Digest digest) throws IOException {
    makeDirectory(layout.quarantine());
    try {
      Files.move(layout.blob(digest), layout.quarantined(digest), StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      // Somebody removed it before us.
    }
    open.invalidate(digest);
  }

  /** {@link #delete} on a worker thread. */
  public Future<Void> remove(Digest digest) {
    return opening
        .executeBlocking(
            () -> {
              delete(digest);
              return true;
            },
            false)
        .mapEmpty();
  }

  /** Calls back with every blob file and its size; blocking, for start-up and sweeps. */
  public void forEach(ObjLongConsumer<Digest> visitor) throws IOException {
    for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
      try (DirectoryStream<Path> fanOuts = Files.newDirectoryStream(layout.blobs(algorithm))) {
        for (Path fanOut : fanOuts) {
          visitFanOut(algorithm, fanOut, visitor);
        }
      }
    }
  }

  private static void visitFanOut(
      DigestAlgorithm algorithm, Path fanOut, ObjLongConsumer<Digest> visitor) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(fanOut)) {
      for (Path file : files) {
        Optional<Digest> digest = StorageLayout.digestOf(algorithm, file);
        if (digest.isPresent()) {
          visitor.accept(digest.get(), Files.size(file));
        }
      }
    }
  }

  /** The threads that downloads hash and write on. */
  public ExecutorService disk() {
    return disk;
  }

  /** Bytes of all blobs and of what downloads left; blocking, for start-up. */
  public long bytesOnDisk() throws IOException {
    long[] total = {0};
    forEach((digest, size) -> total[0] += size);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(layout.fills())) {
      for (Path file : left) {
        Optional<Path> state = StorageLayout.stateOf(file);
        if (state.isPresent()) {
          total[0] += Math.min(PartState.read(state.get()).total(), Files.size(file));
        }
      }
    }
    return total[0];
  }

  /** Fails if the directory of the blobs cannot be read. */
  public Future<Void> check() {
    return opening
        .executeBlocking(
            () -> {
              try (DirectoryStream<Path> algorithms = Files.newDirectoryStream(layout.blobs())) {
                return algorithms.iterator().hasNext();
              }
            },
            false)
        .mapEmpty();
  }

  /** Free bytes of the volume that the data directory is on. */
  public long usableBytes() throws IOException {
    return Files.getFileStore(layout.data()).getUsableSpace();
  }

  /** All bytes of the volume that the data directory is on. */
  public long volumeBytes() throws IOException {
    return Files.getFileStore(layout.data()).getTotalSpace();
  }

  static void makeDirectory(Path directory) throws IOException {
    if (Files.isSymbolicLink(directory)) {
      throw new IOException(
          directory + " is a symbolic link: mount or bind the directory itself there instead");
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Finishes what is being written and closes all files that nobody reads. */
  @Override
  public void close() {
    disk.shutdown();
    try {
      if (!disk.awaitTermination(10, TimeUnit.SECONDS)) {
        disk.shutdownNow();
      }
    } catch (InterruptedException e) {
      disk.shutdownNow();
      Thread.currentThread().interrupt();
    }
    opening.close();
    open.invalidateAll();
  }
}
