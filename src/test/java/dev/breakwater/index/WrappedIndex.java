package dev.breakwater.index;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** An index that counts its calls, and can be overridden to stop or fail at a chosen point. */
public class WrappedIndex implements Index {
  final AtomicInteger calls = new AtomicInteger();
  private final Index inner;

  public WrappedIndex(Index inner) {
    this.inner = inner;
  }

  @Override
  public <K, V> Optional<V> get(Table<K, V> table, K key) {
    return called().get(table, key);
  }

  @Override
  public <K, V> void scan(Table<K, V> table, BiConsumer<K, V> visitor) {
    called().scan(table, visitor);
  }

  @Override
  public <N, V> void scan(
      Table<InRepository<N>, V> table,
      ZoneName zone,
      RepositoryName repository,
      BiConsumer<InRepository<N>, V> visitor) {
    called().scan(table, zone, repository, visitor);
  }

  @Override
  public <N> List<RepositoryName> repositories(
      Table<InRepository<N>, ?> table, ZoneName zone, Optional<RepositoryName> after, int most) {
    return called().repositories(table, zone, after, most);
  }

  @Override
  public <K, V, W> void join(Table<K, V> table, Table<K, W> other, JoinVisitor<K, V, W> visitor) {
    called().join(table, other, visitor);
  }

  @Override
  public void apply(List<Change> changes) {
    called().apply(changes);
  }

  @Override
  public void close() {
    called().close();
  }

  private Index called() {
    calls.incrementAndGet();
    return inner;
  }
}
