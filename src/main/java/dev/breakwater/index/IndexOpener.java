package dev.breakwater.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the index, whatever state it was left in. */
final class IndexOpener {
  /*
   * What can be wrong, and what is done:
   *
   *   nothing there                              a new one
   *   RocksDB refuses it, or a foreign format    moved aside, a new one
   *   a read found damage in an earlier run      moved aside, a new one
   *   three openings in a row killed the process moved aside, a new one
   *   another process holds it                   an error: never touched
   *   the disk takes no writes                   opened read-only, healed later by RocksDatabase
   *
   * The third line is for damage inside a data block, which RocksDB sees only when it reads that
   * block. The fourth is for damage on which RocksDB does not throw but overruns its heap. Whether
   * the disk is to blame for a refusal is not guessed from RocksDB's messages but tried out by
   * writing a file beside the index: a disk that is full, read-only or out of descriptors must not
   * cost a healthy index.
   */
  private static final int MAX_UNFINISHED = 3;
  private static final Logger log = LoggerFactory.getLogger(IndexOpener.class);

  private final IndexFiles files;
  private final InstantSource clock;
  private final LongSupplier nanoTime;

  IndexOpener(Path directory, InstantSource clock, LongSupplier nanoTime) {
    this.files = new IndexFiles(directory);
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  OpenedIndex open() {
    if (files.unfinishedOpenings() >= MAX_UNFINISHED) {
      replace("the last " + MAX_UNFINISHED + " attempts to open it ended the process");
    } else if (files.isMarkedDamaged()) {
      replace("it was found damaged while in use");
    }
    files.beginOpening();
    try {
      return files.isAbsent() ? created() : existing();
    } finally {
      files.endOpening();
    }
  }

  Optional<RocksIndex> openForReading() {
    if (files.isAbsent()) {
      return Optional.empty();
    }
    if (files.isMarkedDamaged()) {
      throw new IndexException("it was found damaged while in use");
    }
    try {
      RocksHandle handle = RocksHandle.openReadOnly(files.directory());
      RocksIndex index = new RocksIndex(files, handle, new WriteHealth(nanoTime));
      if (index.isRebuilt()) {
        return Optional.of(index);
      }
      index.close();
      return Optional.empty();
    } catch (RocksDBException e) {
      throw new IndexException("it cannot be read: " + e.getMessage(), e);
    }
  }

  private OpenedIndex existing() {
    RocksHandle handle;
    try {
      handle = RocksHandle.open(files.directory());
    } catch (RocksDBException e) {
      if (isLocked(e)) {
        throw new IndexException(
            "index "
                + files.directory()
                + " is in use by another process: stop that one or choose another data directory",
            e);
      }
      if (isNoSpace(e) || !files.isDiskWritable()) {
        return readOnly(e);
      }
      replace(String.valueOf(e.getMessage()));
      return created();
    }
    return opened(handle);
  }

  private OpenedIndex opened(RocksHandle handle) {
    RocksIndex index = new RocksIndex(files, handle, new WriteHealth(nanoTime));
    return new OpenedIndex(index, !index.isRebuilt());
  }

  private OpenedIndex created() {
    try {
      Files.createDirectories(files.directory());
      return opened(RocksHandle.create(files.directory()));
    } catch (IOException | RocksDBException e) {
      throw new IndexException(
          "index "
              + files.directory()
              + " cannot be created: "
              + e.getMessage()
              + ": check the disk's free space and who owns the directory",
          e);
    }
  }

  /** There is no point in rebuilding what takes no writes, so it does not count as fresh. */
  private OpenedIndex readOnly(RocksDBException cause) {
    try {
      RocksHandle handle = RocksHandle.openReadOnly(files.directory());
      log.warn(
          "index {}: the disk refuses writes ({}): opened read-only, nothing new is remembered"
              + " until the disk accepts them",
          files.directory(),
          cause.getMessage());
      WriteHealth health = new WriteHealth(nanoTime);
      health.failed();
      return new OpenedIndex(new RocksIndex(files, handle, health), false);
    } catch (RocksDBException e) {
      e.addSuppressed(cause);
      throw new IndexException(
          "index "
              + files.directory()
              + " cannot be opened and its disk refuses writes: "
              + e.getMessage()
              + ": check the disk's free space and permissions",
          e);
    }
  }

  private void replace(String reason) {
    log.error(
        "index {}: {}: starting with an empty one, which is rebuilt from the stored blobs",
        files.directory(),
        reason);
    files.setAside(clock.instant());
  }

  /** RocksDB has no code of its own for a held lock; these are the words of its two cases. */
  private static boolean isLocked(RocksDBException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("While lock file") || message.contains("lock hold by current process");
  }

  private static boolean isNoSpace(RocksDBException e) {
    Status status = e.getStatus();
    return status != null && status.getSubCode() == Status.SubCode.NoSpace;
  }
}
