package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * The content-addressed blob files. A file with a blob's name is complete and has its digest: names
 * are only given by {@link #adopt}. Thread-safe; futures complete on the caller's context.
 */
public final class BlobStore implements AutoCloseable {
  private static final int OPENING_THREADS = 4;
  private static final int STRIPES = 64;

  private final Vertx vertx;
  private final StorageLayout layout;
  private final WorkerExecutor opening;

  /*
   * Adoption: the bytes are synced -> mode 0440 -> rename -> fsync of the directory. What fails
   * after the rename takes the name away again, so that a blob has its name only if it is there for
   * good. A crash after the rename leaves a blob without an index entry, which Reconcile takes up.
   *
   * Who deletes, and who may not be deleted under:
   *
   * - Opening a blob that is not open, and deleting one, exclude each other by digest (a stripe),
   *   so that a blob that is being deleted is opened before or is not there. The quick way, a file out
   *   of the cache of open ones, needs no lock: who deletes first takes the file out of the cache,
   *   and a closed file cannot be acquired.
   * - evict() leaves alone what is read (from the blob or, since before it became one, from the
   *   part file) and what a download has committed but not yet made known (parts).
   * - delete() does not ask. Who reads goes on reading; the bytes count as freed when the last
   *   reader has closed the file, because only then the disk has them back.
   */

  private final Object[] stripes = new Object[STRIPES];
  private volatile LongConsumer freed = ignored -> {};

  private final OpenBlobs open;
  private final PartFiles parts;
  private final Quarantine quarantine;
  private final Volume volume;
  private final UnverifiedBlobs unverified;

  private BlobStore(Vertx vertx, StorageLayout layout) throws IOException {
    this.vertx = vertx;
    this.layout = layout;
    Arrays.setAll(stripes, ignored -> new Object());
    this.volume = new Volume(layout);
    this.opening = vertx.createSharedWorkerExecutor("blob-open", OPENING_THREADS);
    this.open = new OpenBlobs(layout);
    this.parts = new PartFiles(this, layout, opening, bytes -> freed.accept(bytes));
    this.quarantine = new Quarantine(layout);
    this.unverified = new UnverifiedBlobs(this);
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
          layout.blobs(), layout.blobs(DigestAlgorithm.SHA256), layout.blobs(DigestAlgorithm.SHA512)
        }) {
      Directories.make(directory);
    }
    PartFiles.prepare(layout);
    new Inventory(layout).refuseLinks();
    return new BlobStore(vertx, layout);
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
   * Makes a finished file the blob of its digest, durably, in the place of a blob that may be
   * there. The caller has proven the digest, writes no more to the file, and settles the
   * reservation for its bytes. Blocking.
   *
   * @param file on the volume of the data directory; it has another name afterwards
   * @param size how many bytes it must have
   * @throws IOException if the disk refuses; the blob is then not in the store, and the caller
   *     removes what is left of the file
   */
  public void adopt(Path file, Digest digest, long size) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      if (channel.size() != size) {
        throw new IOException(file + " has " + channel.size() + " bytes instead of " + size);
      }
      channel.force(false);
    }
    adoptSynced(file, digest, FileIdentity.of(file));
  }

  /** For bytes that were synced by the channel that wrote them: it hears of each failed write. */
  void adoptSynced(Path file, Digest digest, FileIdentity identity) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
    Path fanOut = layout.fanOut(digest);
    boolean isNew = Files.notExists(fanOut);
    if (isNew) {
      Directories.make(fanOut);
    }
    name(file, digest);
    CrashPoint.at("commit.afterRename");
    try {
      Directories.sync(fanOut);
      CrashPoint.at("commit.afterDirectorySync");
      if (isNew) {
        Directories.sync(layout.blobs(digest.algorithm()));
      }
    } catch (IOException e) {
      try {
        revoke(digest, identity);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    quarantine.replaced(digest);
  }

  private void name(Path file, Digest digest) throws IOException {
    synchronized (stripe(digest)) {
      long replaced = Blocks.of(layout.blob(digest));
      Files.move(file, layout.blob(digest), StandardCopyOption.ATOMIC_MOVE);
      if (replaced > 0) {
        forget(digest, replaced);
      } else {
        open.forget(digest);
      }
    }
  }

  /** Takes the name away again from a file that has it but is not there for good. */
  void revoke(Digest digest, FileIdentity file) throws IOException {
    synchronized (stripe(digest)) {
      // Its bytes are still those of the caller's reservation.
      if (file.isAt(layout.blob(digest))) {
        Files.deleteIfExists(layout.blob(digest));
        open.forget(digest);
      }
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
   * Removes a blob unless a client reads it or it has just come; blocking. No error if it is not
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
    return parts.isInUse(digest) || open.isRead(digest);
  }

  private void unlink(Digest digest) throws IOException {
    forget(digest, Blocks.delete(layout.blob(digest)));
  }

  /**
   * The file is not opened any more; the disk has its bytes back when the last reader closes it.
   */
  private void forget(Digest digest, long bytes) {
    BlobFile read = open.forget(digest);
    if (read == null) {
      freed.accept(bytes);
    } else {
      read.whenClosed(() -> freed.accept(bytes));
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
        if (!damaged.isAt(layout.blob(digest))) {
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

  /** What downloads write and have left. */
  public PartFiles parts() {
    return parts;
  }

  /** What lies in the directory, file by file. */
  public Inventory inventory() {
    return new Inventory(layout);
  }

  /** Reads blobs again, at that pace. */
  public BlobCheck check(BlobCheck.Pacing pacing) {
    return new BlobCheck(layout, pacing);
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
    parts.close();
    opening.close();
    open.close();
  }
}
