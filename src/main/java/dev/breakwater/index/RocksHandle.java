package dev.breakwater.index;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One opened RocksDB database and its native objects. Thread-safe, but any call during or after
 * {@link #close} may kill the process: {@link RocksDatabase} keeps them apart.
 */
final class RocksHandle implements AutoCloseable {
  /** What this program writes and reads; any other version is rebuilt. */
  static final int FORMAT_VERSION = 1;

  private static final long MAX_PORTION_BYTES = 256L * 1024;

  private final RocksSettings settings;
  private final RocksDB database;
  private final List<ColumnFamilyHandle> handles;
  private final Map<Family, ColumnFamilyHandle> families;
  private final WriteOptions unsynced = new WriteOptions();

  /** A key and its value. */
  record Entry(byte[] key, byte[] value) {}

  private interface Opening {
    RocksDB open(
        DBOptions options,
        String path,
        List<ColumnFamilyDescriptor> families,
        List<ColumnFamilyHandle> handles)
        throws RocksDBException;
  }

  private RocksHandle(RocksSettings settings, RocksDB database, List<ColumnFamilyHandle> handles) {
    this.settings = settings;
    this.database = database;
    this.handles = handles;
    this.families = new EnumMap<>(Family.class);
    // In the order they were asked for, after RocksDB's default family.
    int next = 1;
    for (Family family : Family.values()) {
      families.put(family, handles.get(next++));
    }
  }

  /** Creates the database; the directory's parent must exist. */
  static RocksHandle create(Path directory) throws RocksDBException {
    RocksHandle handle = open(directory, true, RocksDB::open);
    try {
      byte[] version = ByteBuffer.allocate(Integer.BYTES).putInt(FORMAT_VERSION).array();
      handle.write(List.of(new Row(Family.META, IndexKeys.FORMAT, version)));
      return handle;
    } catch (RocksDBException e) {
      handle.close();
      throw e;
    }
  }

  /** Writes the tables anew without what was deleted. */
  void compact() throws RocksDBException {
    for (ColumnFamilyHandle family : families.values()) {
      database.compactRange(family);
    }
  }

  /** Opens what is there, for reading and writing, and reads a little of each family. */
  static RocksHandle open(Path directory) throws RocksDBException {
    return checked(open(directory, false, RocksDB::open));
  }

  /** Opens what is there without writing anything; every write will fail. */
  static RocksHandle openReadOnly(Path directory) throws RocksDBException {
    return checked(open(directory, false, RocksDB::openReadOnly));
  }

  private static RocksHandle open(Path directory, boolean create, Opening opening)
      throws RocksDBException {
    RocksSettings settings = new RocksSettings(create);
    try {
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      // RocksDB insists on a family of this name; nothing is kept there.
      descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, settings.family()));
      for (Family family : Family.values()) {
        descriptors.add(new ColumnFamilyDescriptor(family.nameOnDisk(), settings.family()));
      }
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB database =
          opening.open(settings.database(), directory.toString(), descriptors, handles);
      return new RocksHandle(settings, database, handles);
    } catch (RocksDBException e) {
      settings.close();
      throw e;
    }
  }

  private static RocksHandle checked(RocksHandle handle) throws RocksDBException {
    try {
      handle.check();
      return handle;
    } catch (RocksDBException e) {
      handle.close();
      throw e;
    }
  }

  private void check() throws RocksDBException {
    byte[] version = get(Family.META, IndexKeys.FORMAT);
    if (version == null
        || version.length != Integer.BYTES
        || ByteBuffer.wrap(version).getInt() != FORMAT_VERSION) {
      throw new RocksDBException("its format is not version " + FORMAT_VERSION);
    }
    for (Family family : Family.values()) {
      try (RocksIterator iterator = database.newIterator(families.get(family))) {
        iterator.seekToFirst();
        iterator.status();
        iterator.seekToLast();
        iterator.status();
      }
    }
  }

  byte @Nullable [] get(Family family, byte[] key) throws RocksDBException {
    return database.get(families.get(family), key);
  }

  /** A number that RocksDB tells of one family. */
  long property(Family family, String name) throws RocksDBException {
    return database.getLongProperty(families.get(family), name);
  }

  /** A number that RocksDB tells of all families together. */
  long property(String name) throws RocksDBException {
    return database.getAggregatedLongProperty(name);
  }

  /** Writes all rows or none; not synced. */
  void write(List<Row> rows) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      for (Row row : rows) {
        byte[] value = row.value();
        if (value == null) {
          batch.delete(families.get(row.family()), row.key());
        } else {
          batch.put(families.get(row.family()), row.key(), value);
        }
      }
      database.write(unsynced, batch);
    }
  }

  /**
   * A part of a scan.
   *
   * @param isLast whether nothing follows
   */
  record Portion(List<Entry> entries, boolean isLast) {}

  /**
   * The first entries from a key on, in byte order, past the block cache; fewer than the limit if
   * they are large.
   *
   * @param to the first key not wanted; null for no bound
   */
  Portion scan(Family family, byte[] from, byte @Nullable [] to, int limit)
      throws RocksDBException {
    List<Entry> found = new ArrayList<>();
    try (ReadOptions options = new ReadOptions().setFillCache(false);
        Slice bound = to == null ? null : new Slice(to)) {
      if (bound != null) {
        options.setIterateUpperBound(bound);
      }
      try (RocksIterator iterator = database.newIterator(families.get(family), options)) {
        long bytes = 0;
        iterator.seek(from);
        while (iterator.isValid() && found.size() < limit && bytes < MAX_PORTION_BYTES) {
          byte[] value = iterator.value();
          bytes += value.length;
          found.add(new Entry(iterator.key(), value));
          iterator.next();
        }
        iterator.status();
        return new Portion(found, !iterator.isValid());
      }
    }
  }

  /** Is told of a key; says from where to look for the next one, or null to end. */
  @FunctionalInterface
  interface Seeker {
    /** One more. */
    byte @Nullable [] next(byte[] key);
  }

  /** The first key from one on, below another, and so on from where the seeker says. */
  void seeks(Family family, byte[] from, byte[] to, Seeker seeker) throws RocksDBException {
    try (Slice bound = new Slice(to);
        ReadOptions options = new ReadOptions().setIterateUpperBound(bound);
        RocksIterator iterator = database.newIterator(families.get(family), options)) {
      byte[] next = from;
      while (next != null) {
        iterator.seek(next);
        next = iterator.isValid() ? seeker.next(iterator.key()) : null;
      }
      iterator.status();
    }
  }

  @Override
  public void close() {
    handles.forEach(ColumnFamilyHandle::close);
    database.close();
    unsynced.close();
    settings.close();
  }
}
