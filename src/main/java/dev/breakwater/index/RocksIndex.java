package dev.breakwater.index;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The index in RocksDB. A fact that cannot be read, because the disk fails or the record is
 * damaged, counts as absent: the mirror then asks upstream, which is slower but right. A failed
 * write or a failed scan throws {@link IndexException}. Thread-safe; closed by the caller that
 * opened it.
 */
public final class RocksIndex implements Index {
  private final RocksDatabase database;
  private final IndexValues values = new IndexValues();

  RocksIndex(IndexFiles files, RocksHandle handle, WriteHealth health) {
    this.database = new RocksDatabase(files, handle, health);
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
    return database.isWritable();
  }

  /**
   * About how many facts are in the table, and in those that share its column family; what was
   * overwritten lately may count twice.
   */
  public long estimatedSize(Table<?, ?> table) {
    return database.number(open -> open.property(table.family(), "rocksdb.estimate-num-keys"));
  }

  /** Bytes that RocksDB holds outside the Java heap for writes and for its tables' indexes. */
  public long memoryBytes() {
    return database.number(
        open ->
            open.property("rocksdb.cur-size-all-mem-tables")
                + open.property("rocksdb.estimate-table-readers-mem"));
  }

  /** Bytes of all table files on disk. */
  public long tableBytes() {
    return database.number(open -> open.property("rocksdb.total-sst-files-size"));
  }

  /** Gives back what deleted entries take on disk; blocks for as long as writing the rest takes. */
  public void compact() {
    database.number(
        open -> {
          open.compact();
          return 0L;
        });
  }

  /** Says that everything the store holds is in the index now; see {@link OpenedIndex#fresh}. */
  public void rebuilt() {
    database.write(List.of(new Row(Family.META, IndexKeys.REBUILT, new byte[] {1})));
  }

  boolean isRebuilt() {
    return database.get(Family.META, IndexKeys.REBUILT).isPresent();
  }

  @Override
  public <K, V> Optional<V> get(Table<K, V> table, K key) {
    return database
        .get(table.family(), table.keys().encode().apply(key))
        .flatMap(value -> values.read(table, key, value));
  }

  @Override
  public <K, V> void scan(Table<K, V> table, BiConsumer<K, V> visitor) {
    scan(table, table.keys().from(), table.keys().to(), visitor);
  }

  @Override
  public <N, V> void scan(
      Table<InRepository<N>, V> table,
      ZoneName zone,
      RepositoryName repository,
      BiConsumer<InRepository<N>, V> visitor) {
    byte[] from = IndexKeys.repository(zone, repository);
    scan(table, from, IndexKeys.afterRepository(zone, repository), visitor);
  }

  @Override
  public <N> List<RepositoryName> repositories(
      Table<InRepository<N>, ?> table, ZoneName zone, Optional<RepositoryName> after, int most) {
    List<RepositoryName> found = new ArrayList<>();
    if (most <= 0) {
      return found;
    }
    byte[] from =
        after.map(name -> IndexKeys.afterRepository(zone, name)).orElse(IndexKeys.zone(zone));
    database.seeks(
        table.family(),
        from,
        IndexKeys.afterZone(zone),
        key -> {
          IndexKeys.repository(key).ifPresent(found::add);
          return found.size() < most ? IndexKeys.afterRepository(key) : null;
        });
    return found;
  }

  private <K, V> void scan(
      Table<K, V> table, byte[] from, byte @Nullable [] to, BiConsumer<K, V> visitor) {
    database.portions(
        table.family(),
        from,
        to,
        portion -> portion.forEach(entry -> visit(table, entry, visitor)));
  }

  /** Both tables lie in the same order, so that portions of both are joined. */
  @Override
  public <K, V, W> void join(Table<K, V> table, Table<K, W> other, JoinVisitor<K, V, W> visitor) {
    database.portions(
        table.family(),
        table.keys().from(),
        table.keys().to(),
        portion -> {
          Map<K, W> others = portion.isEmpty() ? Map.of() : beside(portion, other);
          for (RocksHandle.Entry entry : portion) {
            visit(
                table,
                entry,
                (key, fact) -> visitor.visit(key, fact, Optional.ofNullable(others.get(key))));
          }
        });
  }

  private <K, W> Map<K, W> beside(List<RocksHandle.Entry> portion, Table<K, W> other) {
    Map<K, W> others = new HashMap<>();
    byte[] last = portion.getLast().key();
    scan(other, portion.getFirst().key(), IndexKeys.after(last), others::put);
    return others;
  }

  /** One entry; passed over if its key or its value is damaged. */
  private <K, V> void visit(Table<K, V> table, RocksHandle.Entry entry, BiConsumer<K, V> visitor) {
    Optional<K> key = table.keys().decode().apply(entry.key());
    if (key.isPresent()) {
      values
          .read(table, key.get(), entry.value())
          .ifPresent(fact -> visitor.accept(key.get(), fact));
    }
  }

  @Override
  public void apply(List<Change> changes) {
    if (!changes.isEmpty()) {
      database.write(changes.stream().map(Row::of).toList());
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
