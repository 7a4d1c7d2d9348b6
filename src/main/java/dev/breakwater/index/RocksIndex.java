package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index in RocksDB. A fact that cannot be read, because the disk fails or the record is
 * damaged, counts as absent: the mirror then asks upstream, which is slower but right. A failed
 * write or a failed scan throws {@link IndexException}. Thread-safe; closed by whoever opened it.
 */
public final class RocksIndex implements Index {
  /*
   * Every call into RocksDB holds the read lock, so that the database is never closed under a call:
   * that would not be an exception but the end of the process. Scans are made in portions and call
   * their visitor between them, without the lock.
   *
   * After a full disk RocksDB may refuse writes for good, and reads of its error counters do not
   * tell; closing and opening it heals it. So when writes have failed for a while, the next one
   * tries that, under the write lock, but only after a probe file has shown that the disk takes
   * writes again: until then the ailing database still reads well and is not let go.
   */
  private static final int PORTION = 1000;
  private static final Logger log = LoggerFactory.getLogger(RocksIndex.class);

  private final IndexFiles files;
  private final WriteHealth health;
  private final IndexValues values = new IndexValues();
  private final AtomicBoolean readFailureReported = new AtomicBoolean();
  private final AtomicBoolean damageMarked = new AtomicBoolean();
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  // Both guarded by the lock. The handle is missing while a reopening has failed altogether.
  private @Nullable RocksHandle handle;
  private boolean closed;

  RocksIndex(IndexFiles files, RocksHandle handle, WriteHealth health) {
    this.files = files;
    this.handle = handle;
    this.health = health;
  }

  private interface Reading<T> {
    T from(RocksHandle handle) throws RocksDBException;
  }

  /**
   * Opens the index in this directory, or creates it. A damaged one is moved aside to {@code
   * <directory>.bad.<time>} and replaced by an empty one. On a disk that takes no writes it is
   * opened for reading and {@link #writable()} is false. Blocks.
   *
   * @throws IndexException if another process has it open, or nothing can be opened at all
   */
  public static OpenedIndex open(Path directory) {
    return new IndexOpener(directory, InstantSource.system(), System::nanoTime).open();
  }

  /**
   * Opens the index in this directory to look at it, changing nothing on the disk; every write
   * fails. Empty if there is none, or its filling was cut short. Blocks.
   *
   * @throws IndexException if it cannot be read
   */
  public static Optional<RocksIndex> openForReading(Path directory) {
    return new IndexOpener(directory, InstantSource.system(), System::nanoTime).openForReading();
  }

  /** Whether the last write worked: false means a full or broken disk. Never blocks. */
  public boolean writable() {
    return health.isWritable();
  }

  /** About how many blobs are recorded; what was overwritten lately may count twice. */
  public long estimatedBlobs() {
    return number(open -> open.property(Family.BLOBS, "rocksdb.estimate-num-keys"));
  }

  /** About how many manifests are recorded; what was overwritten lately may count twice. */
  public long estimatedManifests() {
    return number(open -> open.property(Family.MANIFESTS, "rocksdb.estimate-num-keys"));
  }

  /** Bytes that RocksDB holds outside the Java heap for writes and for its tables' indexes. */
  public long memoryBytes() {
    return number(
        open ->
            open.property("rocksdb.cur-size-all-mem-tables")
                + open.property("rocksdb.estimate-table-readers-mem"));
  }

  /** Bytes of all table files on disk. */
  public long tableBytes() {
    return number(open -> open.property("rocksdb.total-sst-files-size"));
  }

  /** A number for a gauge: 0 where RocksDB cannot tell, or is closed. */
  private long number(Reading<Long> reading) {
    try {
      return read(reading);
    } catch (RocksDBException | IndexException e) {
      return 0;
    }
  }

  /** Says that everything the store holds is in the index now; see {@link OpenedIndex#fresh}. */
  public void rebuilt() {
    write(List.of(new Row(Family.META, IndexKeys.REBUILT, new byte[] {1})));
  }

  boolean isRebuilt() {
    return get(Family.META, IndexKeys.REBUILT).isPresent();
  }

  @Override
  public Optional<TagRecord> tag(ZoneName zone, RepositoryName repository, Tag tag) {
    return get(Family.TAGS, IndexKeys.tag(zone, repository, tag)).flatMap(values::tag);
  }

  @Override
  public List<Tag> tags(ZoneName zone, RepositoryName repository) {
    List<Tag> tags = new ArrayList<>();
    byte[] from = IndexKeys.repository(zone, repository);
    byte[] to = IndexKeys.afterRepository(zone, repository);
    scan(
        Family.TAGS,
        from,
        to,
        entry -> IndexKeys.tag(zone, repository, entry.key()).ifPresent(tags::add));
    return tags;
  }

  @Override
  public Optional<Manifest> manifest(ZoneName zone, RepositoryName repository, Digest digest) {
    return get(Family.MANIFESTS, IndexKeys.inRepository(zone, repository, digest))
        .flatMap(value -> values.manifest(digest, value));
  }

  @Override
  public Optional<LinkRecord> link(ZoneName zone, RepositoryName repository, Digest digest) {
    return get(Family.LINKS, IndexKeys.inRepository(zone, repository, digest))
        .flatMap(values::link);
  }

  @Override
  public Optional<BlobRecord> blob(Digest digest) {
    return get(Family.BLOBS, IndexKeys.digest(digest)).flatMap(values::blob);
  }

  @Override
  public Optional<ReferrersRecord> referrers(
      ZoneName zone, RepositoryName repository, Digest subject, String artifactType) {
    return get(Family.REFERRERS, IndexKeys.referrers(zone, repository, subject, artifactType))
        .flatMap(values::referrers);
  }

  @Override
  public void forEachBlob(BiConsumer<Digest, BlobRecord> visitor) {
    scan(
        Family.BLOBS,
        new byte[0],
        null,
        entry ->
            IndexKeys.digest(entry.key())
                .ifPresent(
                    digest ->
                        values
                            .blob(entry.value())
                            .ifPresent(blob -> visitor.accept(digest, blob))));
  }

  @Override
  public Optional<UsageRecord> blobUsage(Digest digest) {
    return get(Family.USAGE, IndexKeys.digest(digest)).flatMap(values::usage);
  }

  @Override
  public Optional<UsageRecord> manifestUsage(
      ZoneName zone, RepositoryName repository, Digest digest) {
    return get(Family.USAGE, IndexKeys.inRepository(zone, repository, digest))
        .flatMap(values::usage);
  }

  /** Blobs and their usage lie in the same order, so that portions of both are joined. */
  @Override
  public void forEachUsedBlob(BlobVisitor visitor) {
    portions(
        Family.BLOBS,
        new byte[0],
        null,
        portion -> {
          Map<Digest, UsageRecord> usage = portion.isEmpty() ? Map.of() : usageOf(portion);
          for (RocksHandle.Entry entry : portion) {
            Optional<Digest> digest = IndexKeys.digest(entry.key());
            Optional<BlobRecord> blob = values.blob(entry.value());
            if (digest.isPresent() && blob.isPresent()) {
              visitor.visit(digest.get(), blob.get(), Optional.ofNullable(usage.get(digest.get())));
            }
          }
        });
  }

  private Map<Digest, UsageRecord> usageOf(List<RocksHandle.Entry> blobs) {
    Map<Digest, UsageRecord> usage = new HashMap<>();
    scan(
        Family.USAGE,
        blobs.getFirst().key(),
        IndexKeys.after(blobs.getLast().key()),
        entry -> putUsage(entry, usage::put));
    return usage;
  }

  private void putUsage(RocksHandle.Entry entry, BiConsumer<Digest, UsageRecord> to) {
    IndexKeys.digest(entry.key())
        .ifPresent(
            digest -> values.usage(entry.value()).ifPresent(record -> to.accept(digest, record)));
  }

  @Override
  public void forEachBlobUsage(BiConsumer<Digest, UsageRecord> visitor) {
    // Manifests' usage lies behind, under the names of zones.
    scan(Family.USAGE, new byte[0], IndexKeys.AFTER_DIGESTS, entry -> putUsage(entry, visitor));
  }

  @Override
  public void forEachManifest(Visitor<Digest, Manifest> visitor) {
    facts(
        Family.MANIFESTS,
        IndexKeys::onlyDigest,
        (place, digest, value) ->
            values
                .manifest(digest, value)
                .ifPresent(
                    manifest -> visitor.visit(place.zone(), place.repository(), digest, manifest)));
  }

  @Override
  public void forEachLink(Visitor<Digest, LinkRecord> visitor) {
    facts(
        Family.LINKS,
        IndexKeys::onlyDigest,
        (place, digest, value) ->
            values
                .link(value)
                .ifPresent(link -> visitor.visit(place.zone(), place.repository(), digest, link)));
  }

  @Override
  public void forEachTag(Visitor<Tag, TagRecord> visitor) {
    facts(
        Family.TAGS,
        IndexKeys::onlyTag,
        (place, tag, value) ->
            values
                .tag(value)
                .ifPresent(record -> visitor.visit(place.zone(), place.repository(), tag, record)));
  }

  @Override
  public void forEachReferrers(Visitor<Subject, ReferrersRecord> visitor) {
    facts(
        Family.REFERRERS,
        IndexKeys::subject,
        (place, subject, value) ->
            values
                .referrers(value)
                .ifPresent(
                    record -> visitor.visit(place.zone(), place.repository(), subject, record)));
  }

  private interface Facts<N> {
    void take(IndexKeys.Place place, N name, byte[] value);
  }

  private <N> void facts(Family family, Function<ByteBuffer, Optional<N>> name, Facts<N> visitor) {
    scan(
        family,
        new byte[0],
        null,
        entry ->
            IndexKeys.place(entry.key())
                .ifPresent(
                    place ->
                        name.apply(place.rest())
                            .ifPresent(found -> visitor.take(place, found, entry.value()))));
  }

  @Override
  public void apply(List<IndexChange> changes) {
    if (!changes.isEmpty()) {
      write(changes.stream().map(Row::of).toList());
    }
  }

  private Optional<byte[]> get(Family family, byte[] key) {
    try {
      return Optional.ofNullable(read(open -> open.get(family, key)));
    } catch (RocksDBException e) {
      noteDamage(e);
      if (readFailureReported.compareAndSet(false, true)) {
        log.error(
            "index {}: reading failed: {}: what cannot be read counts as absent; further failures"
                + " are not logged",
            files.directory(),
            e.getMessage());
      }
      return Optional.empty();
    }
  }

  private void scan(
      Family family, byte[] from, byte @Nullable [] to, Consumer<RocksHandle.Entry> visitor) {
    portions(family, from, to, portion -> portion.forEach(visitor));
  }

  private void portions(
      Family family, byte[] from, byte @Nullable [] to, Consumer<List<RocksHandle.Entry>> visitor) {
    byte[] next = from;
    while (true) {
      RocksHandle.Portion portion = portion(family, next, to);
      visitor.accept(portion.entries());
      if (portion.isLast()) {
        return;
      }
      next = IndexKeys.after(portion.entries().getLast().key());
    }
  }

  private RocksHandle.Portion portion(Family family, byte[] from, byte @Nullable [] to) {
    try {
      return read(open -> open.scan(family, from, to, PORTION));
    } catch (RocksDBException e) {
      noteDamage(e);
      throw new IndexException(
          "index " + files.directory() + ": scanning failed: " + e.getMessage(), e);
    }
  }

  private void write(List<Row> rows) {
    try {
      tryWrite(rows);
    } catch (RocksDBException e) {
      noteDamage(e);
      if (health.failed()) {
        log.warn("index {}: writing fails: {}", files.directory(), e.getMessage());
      }
      if (!health.isReopeningDue() || !reopen()) {
        throw failed(e);
      }
      try {
        tryWrite(rows);
      } catch (RocksDBException again) {
        throw failed(again);
      }
    }
    if (health.succeeded()) {
      log.info("index {}: writing works again", files.directory());
    }
  }

  private void tryWrite(List<Row> rows) throws RocksDBException {
    read(
        open -> {
          open.write(rows);
          return rows;
        });
  }

  private IndexException failed(RocksDBException e) {
    return new IndexException(
        "index "
            + files.directory()
            + ": writing failed: "
            + e.getMessage()
            + ": check the disk's free space; the index recovers by itself",
        e);
  }

  private <T extends @Nullable Object> T read(Reading<T> reading) throws RocksDBException {
    Lock shared = lock.readLock();
    shared.lock();
    try {
      if (closed) {
        throw new IndexException("index " + files.directory() + " is closed");
      }
      if (handle == null) {
        throw new RocksDBException("it could not be reopened");
      }
      return reading.from(handle);
    } finally {
      shared.unlock();
    }
  }

  private boolean reopen() {
    if (!files.isDiskWritable()) {
      return false;
    }
    Lock exclusive = lock.writeLock();
    exclusive.lock();
    try {
      if (closed) {
        return false;
      }
      log.info("index {}: reopening it, because writes keep failing", files.directory());
      if (handle != null) {
        handle.close();
        handle = null;
      }
      handle = RocksHandle.open(files.directory());
      return true;
    } catch (RocksDBException e) {
      noteDamage(e);
      log.error("index {}: reopening failed: {}", files.directory(), e.getMessage());
      handle = readOnly();
      return false;
    } finally {
      exclusive.unlock();
    }
  }

  private @Nullable RocksHandle readOnly() {
    try {
      return RocksHandle.openReadOnly(files.directory());
    } catch (RocksDBException e) {
      log.error(
          "index {}: nothing can be read: {}: everything counts as absent",
          files.directory(),
          e.getMessage());
      return null;
    }
  }

  private void noteDamage(RocksDBException e) {
    Status status = e.getStatus();
    if (status != null
        && status.getCode() == Status.Code.Corruption
        && damageMarked.compareAndSet(false, true)) {
      log.error(
          "index {}: it is damaged: {}: restart to rebuild it", files.directory(), e.getMessage());
      files.markDamaged(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    Lock exclusive = lock.writeLock();
    exclusive.lock();
    try {
      closed = true;
      if (handle != null) {
        handle.close();
        handle = null;
      }
    } finally {
      exclusive.unlock();
    }
  }
}
