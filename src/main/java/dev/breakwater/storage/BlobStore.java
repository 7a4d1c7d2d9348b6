package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * The content-addressed blob files. A file with a blob's name is complete and has its digest: names
 * are only given by {@link PartFile#commit}. Thread-safe; futures complete on the caller's context.
 */
public final class BlobStore implements AutoCloseable {
  private static final int OPENING_THREADS = 4;
  private static final int STRIPES = 64;

  private final Vertx vertx;
  private final StorageLayout layout;
  private final WorkerExecutor opening;
  private final DiskThreads threads = new DiskThreads();

  /*
   * Who deletes, and who may not be deleted under:
   *
   * - Opening a blob that is not open, and deleting one, exclude each other by digest (a stripe),
   * so
   *   that a blob that is being deleted is opened before or is not there. The quick way, a file out
   *   of the cache of open ones, needs no lock: who deletes first takes the file out of the cache,
   *   and a closed file cannot be acquired.
   * - evict() leaves alone what is read (from the blob or, since before it became one, from the
   * part
   *   file) and what a download has committed but not yet made known (parts).
   * - delete() does not ask. Who reads goes on reading; the bytes count as freed when the last
   *   reader has closed the file, because only then the disk has them back.
   */

  /** What downloads write. */
  private final Set<Digest> parts = ConcurrentHashMap.newKeySet();

  /** Blobs that are still read as the part files they were. */
  private final Map<Digest, BlobFile> followed = new ConcurrentHashMap<>();

  private final Object[] stripes = new Object[STRIPES];
  private volatile LongConsumer freed = ignored -> {};

  private final OpenBlobs open;
  private final Quarantine quarantine;
  private final Volume volume;
  private final UnverifiedBlobs unverified;

  private BlobStore(Vertx vertx, StorageLayout layout) throws IOException {
    this.vertx = vertx;
    this.layout = layout;
    Arrays.setAll(stripes, ignored -> new Object());
    this.open = new OpenBlobs(layout);
    this.quarantine = new Quarantine(layout);
    this.volume = new Volume(layout);
    this.unverified = new UnverifiedBlobs(this, layout);
    this.opening = vertx.createSharedWorkerExecutor("blob-open", OPENING_THREADS);
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
          layout.downloads()
        }) {
      Directories.make(directory);
    }
    takeOverDownloads(layout);
    new Inventory(layout).refuseLinks();
    return new BlobStore(vertx, layout);
  }

  private static void takeOverDownloads(StorageLayout layout) throws IOException {
    Path former = layout.formerDownloads();
    if (!Files.isDirectory(former, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    for (Path file : Directories.list(former)) {
      Files.move(
          file, layout.downloads().resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.delete(former);
  }

  /**
   * The open file of a blob, with a reference for the caller; fails with {@link
   * java.nio.file.NoSuchFileException} if the blob is not here. Completed at once for files that
   * were asked lately.
   */
  public Future<BlobFile> open(Digest digest) {
    BlobFile cached = open.lately(digest);
    return cached != null
        ? Future.succeededFuture(cached)
        : opening.executeBlocking(() -> openNow(digest), false).map(Objects::requireNonNull);
  }

  private BlobFile openNow(Digest digest) throws IOException {
    synchronized (stripe(digest)) {
      return open.open(digest);
    }
  }

  private Object stripe(Digest digest) {
    return stripes[(digest.hashCode() & Integer.MAX_VALUE) % STRIPES];
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
   * The file of an unfinished download, for reading {@code [from, to)} of it, with a reference for
   * the caller; empty if not all of these bytes are known to be there. They are not proven.
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
  public boolean discardDownload(Digest digest) throws IOException {
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
  public record LeftDownload(Digest digest, long bytes) {}

  /** What downloads left and was not written to since; blocking. */
  public List<LeftDownload> leftDownloads(Instant since) throws IOException {
    List<LeftDownload> left = new ArrayList<>();
    for (Path file : Directories.list(layout.downloads())) {
      Optional<Digest> digest = StorageLayout.digestOfPart(file);
      if (digest.isPresent() && !parts.contains(digest.get())) {
        try {
          BasicFileAttributes part = Files.readAttributes(file, BasicFileAttributes.class);
          if (part.lastModifiedTime().toInstant().isBefore(since)) {
            left.add(new LeftDownload(digest.get(), Blocks.of(part.size()) + Blocks.SIZE));
          }
        } catch (NoSuchFileException gone) {
          // A download has gone on from it and made it a blob.
        }
      }
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
      open.forget(digest);
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
   *     the file goes, while no reader can open it
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
    return parts.contains(digest) || followed.containsKey(digest) || open.isRead(digest);
  }

  private void unlink(Digest digest) throws IOException {
    long bytes = deleteFile(layout.blob(digest));
    BlobFile read = open.forget(digest);
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
   * earlier one of that name. Who reads it goes on reading. Blocking.
   *
   * @param damaged the file whose bytes were hashed; another one that has its name by now stays
   * @return false if that file is gone or has been replaced
   */
  public boolean quarantine(Digest digest, FileIdentity damaged) throws IOException {
    quarantine.prepare();
    synchronized (stripe(digest)) {
      try {
        if (!FileIdentity.of(layout.blob(digest)).equals(damaged)) {
          return false;
        }
        // There it counts among the other files.
        freed.accept(quarantine.take(digest));
      } catch (NoSuchFileException e) {
        return false;
      } finally {
        open.forget(digest);
      }
    }
    unverified.settled(digest, BlobCheck.Verdict.DAMAGED);
    quarantine.taken(digest);
    return true;
  }

  /** Acts on a finding: whether a file was damaged and is in the quarantine now; blocking. */
  public boolean quarantineIfDamaged(Digest digest, BlobCheck.Finding finding) throws IOException {
    return finding.verdict() == BlobCheck.Verdict.DAMAGED
        && quarantine(digest, finding.file().orElseThrow());
  }

  /** Gives a part file its blob's name, in the place of a file that may have it. */
  void name(Digest digest) throws IOException {
    synchronized (stripe(digest)) {
      Files.move(layout.part(digest), layout.blob(digest), StandardCopyOption.ATOMIC_MOVE);
      open.forget(digest);
    }
  }

  /** The disk that it is on. */
  public Volume volume() {
    return volume;
  }

  /** Where damaged blobs are kept. */
  public Quarantine quarantine() {
    return quarantine;
  }

  /** What must be hashed before it is served. */
  public UnverifiedBlobs unverified() {
    return unverified;
  }

  /** {@link UnverifiedBlobs#prove} for the request path: completes on the caller's context. */
  public Future<Boolean> prove(Digest digest) {
    return Future.fromCompletionStage(unverified.prove(digest), vertx.getOrCreateContext());
  }

  /** The threads that downloads work on. */
  public DiskThreads threads() {
    return threads;
  }

  /** Fails if the directory of the blobs cannot be read. */
  public Future<Void> check() {
    return opening
        .executeBlocking(
            () -> {
              Directories.list(layout.blobs());
              return true;
            },
            false)
        .mapEmpty();
  }

  /** Finishes what is being written and closes all files that are not read. */
  @Override
  public void close() {
    unverified.close();
    threads.close();
    opening.close();
    open.close();
  }
}
