package dev.breakwater.index;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database under {@link RocksIndex}, which it closes and opens again when it ails. Thread-safe.
 */
final class RocksDatabase implements AutoCloseable {
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

  /** Few, so that background work can rest often. */
  private static final int PORTION = 100;

  private static final Logger log = LoggerFactory.getLogger(RocksDatabase.class);

  private final IndexFiles files;
  private final WriteHealth health;
  private final AtomicBoolean readFailureReported = new AtomicBoolean();
  private final AtomicBoolean damageMarked = new AtomicBoolean();
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  // Both guarded by the lock. The handle is missing while a reopening has failed altogether.
  private @Nullable RocksHandle handle;
  private boolean closed;

  RocksDatabase(IndexFiles files, RocksHandle handle, WriteHealth health) {
    this.files = files;
    this.handle = handle;
    this.health = health;
  }

  /** Asks the database, under the lock. */
  interface Reading<T> {
    T from(RocksHandle handle) throws RocksDBException;
  }

  /** Whether the last write worked. Never blocks. */
  boolean isWritable() {
    return health.isWritable();
  }

  /** A number for a gauge: 0 where RocksDB cannot tell, or is closed. */
  long number(Reading<Long> reading) {
    try {
      return read(reading);
    } catch (RocksDBException | IndexException e) {
      return 0;
    }
  }

  /** A value; empty if there is none, or it cannot be read. */
  Optional<byte[]> get(Family family, byte[] key) {
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

  /**
   * Calls back with all entries between the two keys, portion by portion, the last of which may be
   * empty.
   *
   * @throws IndexException if it cannot be read
   */
  void portions(
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

  /**
   * Calls back with the first key from {@code from} on, which answers from where to look for the
   * next one, greater than that key, or null at the end.
   *
   * @throws IndexException if it cannot be read
   */
  void seeks(Family family, byte[] from, byte[] to, RocksHandle.Seeker seeker) {
    try {
      read(
          open -> {
            open.seeks(family, from, to, seeker);
            return open;
          });
    } catch (RocksDBException e) {
      noteDamage(e);
      throw new IndexException(
          "index " + files.directory() + ": scanning failed: " + e.getMessage(), e);
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

  /**
   * Writes all of them or none.
   *
   * @throws IndexException if the disk refuses
   */
  void write(List<Row> rows) {
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
