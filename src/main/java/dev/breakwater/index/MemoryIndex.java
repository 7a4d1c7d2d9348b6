package dev.breakwater.index;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The index in memory, lost when the process ends: for tests, and for a mirror whose index cannot
 * be opened. Never blocks for long. Thread-safe.
 */
public final class MemoryIndex implements Index {
  private final Object lock = new Object();

  /** The facts of each table by the bytes of their keys. */
  private final Map<Table<?, ?>, NavigableMap<byte[], ?>> tables = new HashMap<>();

  private boolean closed;

  private record Fact<K, V>(K key, V value) {}

  @Override
  public <K, V> Optional<V> get(Table<K, V> table, K key) {
    byte[] bytes = table.keys().encode().apply(key);
    return read(table, facts -> Optional.ofNullable(facts.get(bytes)).map(Fact::value));
  }

  @Override
  public <K, V> void scan(Table<K, V> table, BiConsumer<K, V> visitor) {
    visit(read(table, facts -> List.copyOf(facts.values())), visitor);
  }

  @Override
  public <N, V> void scan(
      Table<InRepository<N>, V> table,
      ZoneName zone,
      RepositoryName repository,
      BiConsumer<InRepository<N>, V> visitor) {
    byte[] from = IndexKeys.repository(zone, repository);
    byte[] to = IndexKeys.afterRepository(zone, repository);
    visit(read(table, facts -> List.copyOf(facts.subMap(from, to).values())), visitor);
  }

  @Override
  public <N> List<RepositoryName> repositories(
      Table<InRepository<N>, ?> table, ZoneName zone, Optional<RepositoryName> after, int most) {
    Set<RepositoryName> found = new LinkedHashSet<>();
    scan(
        table,
        (key, fact) -> {
          if (key.zone().equals(zone)
              && (after.isEmpty() || key.repository().value().compareTo(after.get().value()) > 0)) {
            found.add(key.repository());
          }
        });
    return found.stream().limit(most).toList();
  }

  private static <K, V> void visit(List<Fact<K, V>> facts, BiConsumer<K, V> visitor) {
    facts.forEach(fact -> visitor.accept(fact.key(), fact.value()));
  }

  @Override
  public <K, V, W> void join(Table<K, V> table, Table<K, W> other, JoinVisitor<K, V, W> visitor) {
    scan(table, (key, fact) -> visitor.visit(key, fact, get(other, key)));
  }

  @Override
  public void apply(List<Change> changes) {
    synchronized (lock) {
      requireOpen();
      changes.forEach(this::apply);
    }
  }

  private void apply(Change change) {
    switch (change) {
      case Change.Put<?, ?> put -> put(put);
      case Change.Delete<?, ?> delete -> delete(delete);
    }
  }

  private <K, V> void put(Change.Put<K, V> put) {
    byte[] key = put.table().keys().encode().apply(put.key());
    facts(put.table()).put(key, new Fact<>(put.key(), put.value()));
  }

  private <K, V> void delete(Change.Delete<K, V> delete) {
    facts(delete.table()).remove(delete.table().keys().encode().apply(delete.key()));
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  private <K, V, T> T read(
      Table<K, V> table, Function<NavigableMap<byte[], Fact<K, V>>, T> reader) {
    synchronized (lock) {
      requireOpen();
      return reader.apply(facts(table));
    }
  }

  // Only put() fills the map of a table, with facts of its types.
  @SuppressWarnings("unchecked")
  private <K, V> NavigableMap<byte[], Fact<K, V>> facts(Table<K, V> table) {
    return (NavigableMap<byte[], Fact<K, V>>)
        tables.computeIfAbsent(
            table, ignored -> new TreeMap<byte[], Fact<K, V>>(Arrays::compareUnsigned));
  }

  private void requireOpen() {
    if (closed) {
      throw new IndexException("index is closed");
    }
  }
}
