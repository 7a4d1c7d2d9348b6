package dev.breakwater.index;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One kind of fact in memory, in front of the index. Only facts that are there are kept, never
 * their absence. Thread-safe.
 */
final class FactCache<K, V> {
  /*
   * What must not happen: a reader loads the old fact from the index, a writer commits the new one
   * and drops the old from the cache, and then the reader puts the old one in, to stay.
   *
   * So each key has a counter (shared with others: a stripe). A writer first commits and then, in
   * forget(), raises the counter and drops the entry under the stripe's lock. A reader notes the
   * counter, then reads the index, then puts the fact in under the same lock and only if the counter
   * has not moved.
   *
   * Suppose an old fact is put in. It was read before the commit, so its counter was noted before
   * the commit, hence before forget(). If the put came after forget(), the counter had moved and
   * there was no put; if it came before, forget() dropped it. So once forget() has returned, and only
   * then is the writer told, nothing older than its commit is in the cache, or ever will be. The
   * order of two writers does not matter, since neither puts anything in. No lock is held during
   * I/O: a writer never waits for a slow reader, and the locks are taken on worker threads only.
   *
   * The cached value is the completed future itself, so a hit allocates nothing but the key. It
   * belongs to no context: its listeners run at once, on the caller's own thread.
   */
  private static final int STRIPES = 64;

  /** What an entry costs beside its bytes: key, digest, names, Caffeine's node. */
  private static final int OVERHEAD_BYTES = 512;

  private final Cache<K, Future<Optional<V>>> cache;
  private final Function<K, Optional<V>> index;
  private final ToIntFunction<V> length;
  private final Stripe[] stripes = new Stripe[STRIPES];

  private static final class Stripe {
    private long changes;

    synchronized long changes() {
      return changes;
    }
  }

  /** In front of a table of the index, which says how much is kept. */
  FactCache(Table.Caching<V> caching, Function<K, Optional<V>> index) {
    ToIntFunction<V> given = caching.length();
    Caffeine<Object, Object> builder = Caffeine.newBuilder().recordStats();
    this.index = index;
    this.length = given == null ? ignored -> 0 : given;
    this.cache =
        given == null
            ? builder.maximumSize(caching.most()).build()
            : builder
                .maximumWeight(caching.most())
                .weigher(
                    (K key, Future<Optional<V>> fact) ->
                        OVERHEAD_BYTES + given.applyAsInt(fact.result().orElseThrow()))
                .build();
    Arrays.setAll(stripes, ignored -> new Stripe());
  }

  /** The cache itself, for its statistics. */
  Cache<?, ?> cache() {
    return cache;
  }

  /** The fact if it is in memory; never blocks. The future is completed. */
  @Nullable Future<Optional<V>> ifCached(K key) {
    return cache.getIfPresent(key);
  }

  /** Reads the index and remembers what it says; blocks. */
  Optional<V> load(K key) {
    Stripe stripe = stripe(key);
    long before = stripe.changes();
    Optional<V> fact = index.apply(key);
    if (fact.isPresent() && length.applyAsInt(fact.get()) <= Table.Caching.LONGEST) {
      synchronized (stripe) {
        if (stripe.changes == before) {
          cache.put(key, Future.succeededFuture(fact));
        }
      }
    }
    return fact;
  }

  /** Drops a fact that has just been changed in the index. */
  void forget(Object key) {
    Stripe stripe = stripe(key);
    synchronized (stripe) {
      stripe.changes++;
      cache.asMap().remove(key);
    }
  }

  private Stripe stripe(Object key) {
    int hash = key.hashCode();
    return stripes[(hash ^ (hash >>> 16)) & (STRIPES - 1)];
  }
}
