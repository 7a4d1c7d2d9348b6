package dev.breakwater.index;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Facts about what is stored, in {@link Tables}. An index is only that: everything in it can be
 * rebuilt from blob files or fetched again. Reads block for microseconds to milliseconds and are
 * therefore made off the event loop; {@link CachedIndex} is what the request path uses. A fact that
 * cannot be read, because it is damaged or a newer version wrote it, counts as absent. Thread-safe;
 * after {@link #close} every method but {@code close} throws {@link IndexException}.
 */
public interface Index extends AutoCloseable {
  /** The fact under the key, as the last change to it that has returned left it. */
  <K, V> Optional<V> get(Table<K, V> table, K key);

  /**
   * Calls back with every fact of the table, in the order of the keys' bytes. No lock is held
   * meanwhile, and it is no snapshot: the visitor may read and change the index, and others do. A
   * fact that is there all the time is visited once; one that is put, changed or deleted meanwhile
   * is visited at most once, as it was before or after. What the visitor throws ends the scan and
   * is thrown on.
   *
   * @throws IndexException if the disk does not give the facts; some may have been visited
   */
  <K, V> void scan(Table<K, V> table, BiConsumer<K, V> visitor);

  /**
   * {@link #scan(Table, BiConsumer)} of one repository only.
   *
   * @throws IndexException if the disk does not give the facts
   */
  <N, V> void scan(
      Table<InRepository<N>, V> table,
      ZoneName zone,
      RepositoryName repository,
      BiConsumer<InRepository<N>, V> visitor);

  /**
   * The repositories of a zone of which the table has facts, in the order of their names' bytes. As
   * fast as that many look-ups, however many facts there are.
   *
   * @param after only those behind this name; empty: from the first one
   * @param most how many at the most
   * @throws IndexException if the disk does not give the facts
   */
  <N> List<RepositoryName> repositories(
      Table<InRepository<N>, ?> table, ZoneName zone, Optional<RepositoryName> after, int most);

  /** Is told of a fact and of the one that another table has under the same key. */
  @FunctionalInterface
  interface JoinVisitor<K, V, W> {
    /** One more. */
    void visit(K key, V fact, Optional<W> other);
  }

  /**
   * {@link #scan(Table, BiConsumer)}, with what the other table has under each key: faster than to
   * get it for each. The other fact is of about the same moment as the first; a batch that changes
   * both may be seen in part.
   *
   * @throws IndexException if the disk does not give the facts
   */
  <K, V, W> void join(Table<K, V> table, Table<K, W> other, JoinVisitor<K, V, W> visitor);

  /**
   * Makes all changes, in order and atomically: after a crash either all or none are there, and
   * once this has returned every read shows them. Not synced: losing the last moments before a
   * power cut costs nothing but a question to upstream. No changes are no write.
   *
   * @throws IndexException if nothing was written, because the disk is full or broken
   */
  void apply(List<Change> changes);

  /** Closes the index, waiting for calls that have begun. May be called again. */
  @Override
  void close();
}
