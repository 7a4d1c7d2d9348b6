package dev.breakwater.index;

import com.github.benmanes.caffeine.cache.Cache;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The index as the request path uses it: answers from memory at once and on the caller's thread;
 * otherwise reads on a few worker threads of its own and completes on the caller's context. Absence
 * is never remembered. Once the future of {@link #apply} has completed, every later call shows its
 * changes and never again anything older; {@link FactCache} says why. Thread-safe.
 */
public final class CachedIndex {
  private final Index index;
  private final WorkerExecutor executor;

  /** Of the tables that are kept in memory; not changed after construction. */
  private final Map<Table<?, ?>, FactCache<?, ?>> caches = new HashMap<>();

  private final ReadWriteLock sweeping = new ReentrantReadWriteLock();

  /** The names of what was put since a generation was opened; written under the lock. */
  private volatile @Nullable Set<Name> putSince;

  private volatile Consumer<Change> watcher = ignored -> {};

  private @Nullable Future<Void> closing;

  /**
   * Stands in front of an index and closes it in the end.
   *
   * @param threads how many reads and writes may block at once
   */
  public CachedIndex(Vertx vertx, Index index, int threads) {
    this.index = index;
    this.executor = vertx.createSharedWorkerExecutor("index", threads);
    Tables.ALL.forEach(this::addCache);
  }

  private <K, V> void addCache(Table<K, V> table) {
    table
        .caching()
        .ifPresent(
            caching ->
                caches.put(table, new FactCache<K, V>(caching, key -> index.get(table, key))));
  }

  /** The caches by the names of their tables, for their statistics. */
  public Map<String, Cache<?, ?>> caches() {
    Map<String, Cache<?, ?>> named = new HashMap<>();
    caches.forEach((table, facts) -> named.put(table.toString(), facts.cache()));
    return named;
  }

  /** {@link Index#get}. */
  // Only addCache() fills the map, with the cache of the table's types.
  @SuppressWarnings("unchecked")
  public <K, V> Future<Optional<V>> get(Table<K, V> table, K key) {
    FactCache<K, V> facts = (FactCache<K, V>) caches.get(table);
    if (facts == null) {
      return onWorker(() -> index.get(table, key));
    }
    Future<Optional<V>> cached = facts.ifCached(key);
    return cached != null ? cached : onWorker(() -> facts.load(key));
  }

  /** The names of all facts of a repository, in byte order; always asks the index. */
  public <N> Future<List<N>> names(
      Table<InRepository<N>, ?> table, ZoneName zone, RepositoryName repository) {
    return onWorker(
        () -> {
          List<N> names = new ArrayList<>();
          index.scan(table, zone, repository, (key, fact) -> names.add(key.name()));
          return names;
        });
  }

  /** {@link Index#repositories}; always asks the index. */
  public <N> Future<List<RepositoryName>> repositories(
      Table<InRepository<N>, ?> table, ZoneName zone, Optional<RepositoryName> after, int most) {
    return onWorker(() -> index.repositories(table, zone, after, most));
  }

  /**
   * {@link Index#apply}. Calls made without waiting for one another may take effect in any order.
   * Fails with {@link IndexException} if nothing was written.
   */
  public Future<Void> apply(List<Change> changes) {
    List<Change> all = List.copyOf(changes);
    return onWorker(() -> applyNow(all)).mapEmpty();
  }

  /**
   * Has it told of every change that {@link #apply} made, or failed to make, before the future
   * completes and before another thread deletes; on a worker thread. To be called once, before
   * anything is changed.
   */
  public void watch(Consumer<Change> changes) {
    watcher = changes;
  }

  private List<Change> applyNow(List<Change> changes) {
    Lock shared = sweeping.readLock();
    shared.lock();
    try {
      Set<Name> names = putSince;
      if (names != null) {
        changes.stream().map(Name::of).forEach(names::add);
      }
      index.apply(changes);
    } finally {
      changes.forEach(watcher);
      shared.unlock();
      // After a failure too: RocksDB may have logged what it then could not confirm.
      changes.forEach(this::forget);
    }
    return changes;
  }

  /**
   * A time in which it is remembered what is put, so that a deletion that relies on an earlier look
   * does not delete what has come since. One at a time.
   */
  public final class Generation implements AutoCloseable {
    private Generation() {}

    /** Deletes what was not put in this generation and may still go. */
    public Future<Void> delete(List<Deletion> deletions) {
      List<Deletion> all = List.copyOf(deletions);
      return onWorker(() -> deleteNow(all)).mapEmpty();
    }

    /** Ends it. */
    @Override
    public void close() {
      putSince = null;
    }
  }

  /**
   * Facts to be deleted for one reason.
   *
   * @param mayGo asked once more, on a worker thread, while nothing is put
   */
  public record Deletion(List<Change> changes, BooleanSupplier mayGo) {}

  /** Begins to remember what is put. */
  public Generation openGeneration() {
    Lock exclusive = sweeping.writeLock();
    exclusive.lock();
    try {
      if (putSince != null) {
        throw new IllegalStateException("another generation is open");
      }
      putSince = ConcurrentHashMap.newKeySet();
      return new Generation();
    } finally {
      exclusive.unlock();
    }
  }

  private List<Deletion> deleteNow(List<Deletion> deletions) {
    Lock exclusive = sweeping.writeLock();
    exclusive.lock();
    try {
      Set<Name> names = putSince;
      List<Change> dead = new ArrayList<>();
      for (Deletion deletion : deletions) {
        List<Change> left =
            deletion.changes().stream()
                .filter(change -> names != null && !names.contains(Name.of(change)))
                .toList();
        if (!left.isEmpty() && deletion.mayGo().getAsBoolean()) {
          dead.addAll(left);
        }
      }
      index.apply(dead);
    } finally {
      exclusive.unlock();
      deletions.forEach(each -> each.changes().forEach(this::forget));
    }
    return deletions;
  }

  /** What a change is about: the same for a put and for a deletion. */
  private record Name(Table<?, ?> table, Object key) {
    static Name of(Change change) {
      return new Name(change.table(), change.key());
    }
  }

  private void forget(Change change) {
    FactCache<?, ?> facts = caches.get(change.table());
    if (facts != null) {
      facts.forget(change.key());
    }
  }

  /**
   * Closes the worker threads and the index, after what has begun; further calls fail. To be called
   * before Vert.x itself is closed.
   */
  public synchronized Future<Void> close() {
    if (closing == null) {
      closing =
          onWorker(
                  () -> {
                    index.close();
                    return index;
                  })
              .eventually(executor::close)
              .mapEmpty();
    }
    return closing;
  }

  // Vert.x declares the result nullable because a Callable's may be; none of ours is.
  @SuppressWarnings("NullAway")
  private <T> Future<T> onWorker(Callable<T> blocking) {
    try {
      return executor.executeBlocking(blocking, false);
    } catch (IllegalStateException | RejectedExecutionException e) {
      return Future.failedFuture(new IndexException("index is closed", e));
    }
  }
}
