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
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
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
  private static final int STRIPES = 64;
  private static final int MAX_DAMAGED = 100_000;

  /** What the name of a quarantined file begins with that is never removed. */
  private static final String KEPT = "kept-";

  private final Vertx vertx;
  private final StorageLayout layout;
  private final WorkerExecutor opening;
  private final ExecutorService disk;

  /*
   * Who deletes, and who may not be deleted under:
   *
   * - Opening a blob that is not open, and deleting one, exclude each other by digest (a stripe), so
   *   that a blob that is being deleted is opened before or is not there. The quick way, a file out
   *   of the cache of open ones, needs no lock: who deletes first takes the file out of the cache,
   *   and a closed file cannot be acquired.
   * - evict() leaves alone what is read (from the blob or, since before it became one, from the part
   *   file) and what a download has committed but not yet made known (parts).
   * - delete() does not ask. Who reads goes on reading; the bytes count as freed when the last
   *   reader has closed the file, because only then the disk has them back.
   */

  /** What downloads write. */
  private final Set<Digest> parts = ConcurrentHashMap.newKeySet();

  /** Blobs that are open. */
  private final Map<Digest, BlobFile> opened = new ConcurrentHashMap<>();

  /** Blobs that are still read as the part files they were. */
  private final Map<Digest, BlobFile> followed = new ConcurrentHashMap<>();

  private final Object[] stripes = new Object[STRIPES];
  private volatile LongConsumer freed = ignored -> {};

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

  /** Blobs that were found damaged and have not come again. */
  private final Cache<Digest, Boolean> damaged =
      Caffeine.newBuilder().maximumSize(MAX_DAMAGED).build();

  private final Doubts doubts;
  private volatile DamageWatch watch = DamageWatch.NONE;

  private BlobStore(Vertx vertx, StorageLayout layout) {
    this.vertx = vertx;
    this.layout = layout;
    Arrays.setAll(stripes, ignored -> new Object());
    this.doubts = new Doubts(this, layout);
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
    synchronized (stripe(digest)) {
      BlobFile file = opened.get(digest);
      if (file == null || !file.tryAcquire()) {
        FileChannel channel = openFile(layout.blob(digest));
        BlobFile fresh = new BlobFile(channel, channel.size());
        opened.put(digest, fresh);
        fresh.whenClosed(() -> opened.remove(digest, fresh));
        file = fresh;
      }
      if (open.getIfPresent(digest) != file) {
        // One reference for the caller, one for the cache.
        open.put(digest, file.acquire());
      }
      return file;
    }
  }

  private Object stripe(Digest digest) {
    return stripes[(digest.hashCode() & Integer.MAX_VALUE) % STRIPES];
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
      long bytes =
          deleteFile(StorageLayout.temporary(layout.partState(digest)))
              + deleteFile(layout.partState(digest))
              + deleteFile(layout.part(digest));
      freed.accept(bytes);
      return true;
    } finally {
      parts.remove(digest);
    }
  }

  /**
   * What a download left that is not under way.
   *
   * @param bytes what it takes of the disk, in whole blocks
   */
  public record LeftFill(Digest digest, long bytes) {}

  /** What downloads left that nobody has written to since; blocking. */
  public List<LeftFill> leftFills(Instant since) throws IOException {
    List<LeftFill> left = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.fills())) {
      for (Path file : files) {
        Optional<Digest> digest = StorageLayout.digestOfPart(file);
        if (digest.isPresent() && !parts.contains(digest.get())) {
          BasicFileAttributes part = Files.readAttributes(file, BasicFileAttributes.class);
          if (part.lastModifiedTime().toInstant().isBefore(since)) {
            left.add(new LeftFill(digest.get(), Blocks.of(part.size()) + Blocks.SIZE));
          }
        }
      }
    } catch (NoSuchFileException e) {
      // One was taken up and has become a blob; the others can wait for the next look.
      return left;
    }
    return left;
  }

  /** Where everything lies. */
  public StorageLayout layout() {
    return layout;
  }

  void partClosed(PartFile part) {
    parts.remove(part.digest());
  }

  void partCommitted(PartFile part) {
    Digest digest = part.digest();
    BlobFile file = part.file();
    followed.put(digest, file);
    file.whenClosed(() -> followed.remove(digest, file));
  }

  /**
   * Takes the name away again from a file whose commit failed, and which counts as a part still.
   */
  void revoke(PartFile part) throws IOException {
    Digest digest = part.digest();
    synchronized (stripe(digest)) {
      Files.deleteIfExists(layout.blob(digest));
      opened.remove(digest);
      open.invalidate(digest);
    }
  }

  /** Whom to tell of every deleted blob's bytes, once the disk has them back; never blocks. */
  public void whenFreed(LongConsumer listener) {
    freed = listener;
  }

  /** Removes a blob; those who read it go on reading. Blocking; no error if it is not there. */
  public void delete(Digest digest) throws IOException {
    synchronized (stripe(digest)) {
      unlink(digest);
    }
  }

  /**
   * Removes a blob unless somebody reads it or it has just come; blocking. No error if it is not
   * there.
   *
   * @param forget takes it out of the index, or says false if it must stay after all; called before
   *     the file goes, while nobody can open it
   * @return whether it is gone
   */
  public boolean evict(Digest digest, BooleanSupplier forget) throws IOException {
    synchronized (stripe(digest)) {
      if (isInUse(digest) || !forget.getAsBoolean()) {
        return false;
      }
      CrashPoint.at("evict.afterForget");
      unlink(digest);
      CrashPoint.at("evict.afterDelete");
      return true;
    }
  }

  private boolean isInUse(Digest digest) {
    if (parts.contains(digest) || followed.containsKey(digest)) {
      return true;
    }
    BlobFile file = opened.get(digest);
    if (file == null) {
      return false;
    }
    open.invalidate(digest);
    return !file.isClosed();
  }

  private void unlink(Digest digest) throws IOException {
    long bytes = deleteFile(layout.blob(digest));
    BlobFile read = opened.remove(digest);
    open.invalidate(digest);
    if (read == null) {
      freed.accept(bytes);
    } else {
      read.whenClosed(() -> freed.accept(bytes));
    }
  }

  /** The bytes that went, in whole blocks; 0 if the file was not there. */
  private static long deleteFile(Path path) throws IOException {
    try {
      long bytes = Blocks.of(Files.size(path));
      Files.delete(path);
      return bytes;
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /**
   * Takes a blob that is damaged out of the store and keeps its file apart, in the place of an
   * earlier one of that name. Who reads it goes on reading. Blocking; no error if it is not there.
   */
  public void quarantine(Digest digest) throws IOException {
    makeDirectory(layout.quarantine());
    synchronized (stripe(digest)) {
      try {
        long bytes = Blocks.of(Files.size(layout.blob(digest)));
        Files.move(layout.blob(digest), layout.quarantined(digest), StandardCopyOption.ATOMIC_MOVE);
        CrashPoint.at("quarantine.afterMove");
        // There it counts among the other files.
        freed.accept(bytes);
      } catch (NoSuchFileException e) {
        // Somebody removed it before us.
        return;
      } finally {
        opened.remove(digest);
        open.invalidate(digest);
      }
    }
    doubts.settled(digest, BlobCheck.Verdict.DAMAGED);
    damaged.put(digest, true);
    watch.damaged(digest);
  }

  /** Marks a quarantined file as one that {@link #trimQuarantine} leaves alone; blocking. */
  public void keepQuarantined(Digest digest) throws IOException {
    Path file = layout.quarantined(digest);
    Files.move(
        file, file.resolveSibling(KEPT + file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes the oldest files of the quarantine until the rest is no more than that; blocking. */
  public void trimQuarantine(long bytes) throws IOException {
    Map<Path, BasicFileAttributes> files = new HashMap<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(layout.quarantine())) {
      for (Path file : all) {
        if (!file.getFileName().toString().startsWith(KEPT)) {
          files.put(
              file,
              Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        }
      }
    } catch (NoSuchFileException e) {
      return;
    }
    long total = files.values().stream().mapToLong(BasicFileAttributes::size).sum();
    for (Map.Entry<Path, BasicFileAttributes> file :
        files.entrySet().stream()
            .sorted(Comparator.comparing(file -> file.getValue().lastModifiedTime()))
            .toList()) {
      if (total <= bytes) {
        return;
      }
      total -= file.getValue().size();
      Files.deleteIfExists(file.getKey());
    }
  }

  /** {@link #quarantine} on a worker thread. */
  public Future<Void> moveToQuarantine(Digest digest) {
    return opening
        .executeBlocking(
            () -> {
              quarantine(digest);
              return true;
            },
            false)
        .mapEmpty();
  }

  void committed(Digest digest) {
    if (damaged.getIfPresent(digest) != null) {
      damaged.invalidate(digest);
      watch.healed(digest);
    }
  }

  /** Says whom to tell of damage. */
  public void watch(DamageWatch watcher) {
    watch = watcher;
  }

  /** What must be hashed before it is served. */
  public Doubts doubts() {
    return doubts;
  }

  /** {@link Doubts#prove} for the request path: completes on the caller's context. */
  public Future<Boolean> prove(Digest digest) {
    return Future.fromCompletionStage(doubts.prove(digest), vertx.getOrCreateContext());
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

  /** Bytes, in whole blocks, of all blobs and of what downloads left; blocking, for start-up. */
  public long bytesOnDisk() throws IOException {
    long[] total = {0};
    forEach((digest, size) -> total[0] += Blocks.of(size));
    return total[0] + bytesBelow(layout.fills(), Set.of());
  }

  /** Bytes, in whole blocks, of everything else below the data directory; blocking. */
  public long otherBytes() {
    return bytesBelow(layout.data(), Set.of(layout.blobs(), layout.fills()));
  }

  /** What vanishes meanwhile does not count. */
  private static long bytesBelow(Path root, Set<Path> without) {
    long[] total = {0};
    SimpleFileVisitor<Path> visitor =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return without.contains(directory)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            total[0] += Blocks.of(attributes.size());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        };
    try {
      Files.walkFileTree(root, visitor);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
    doubts.close();
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
