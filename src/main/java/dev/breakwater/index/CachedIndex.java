package dev.breakwater.index;

import com.github.benmanes.caffeine.cache.Cache;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.ByteBuffer;
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
import java.util.function.Predicate;
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
  private final FactCache<InRepository<Tag>, TagRecord> tags;
  private final FactCache<InRepository<Digest>, Manifest> manifests;
  private final FactCache<InRepository<Digest>, LinkRecord> links;
  private final FactCache<InRepository<Subject>, ReferrersRecord> referrers;
  private final FactCache<Digest, BlobRecord> blobs;
  private final ReadWriteLock sweeping = new ReentrantReadWriteLock();

  /** The names of what was put since a generation was opened; written under the lock. */
  private volatile @Nullable Set<Object> putSince;

  private @Nullable Future<Void> closing;

  /**
   * Stands in front of an index and closes it in the end.
   *
   * @param threads how many reads and writes may block at once
   */
  public CachedIndex(Vertx vertx, Index index, CacheLimits limits, int threads) {
    this.index = index;
    this.executor = vertx.createSharedWorkerExecutor("index", threads);
    this.tags =
        FactCache.ofEntries(
            limits.tags(), key -> index.tag(key.zone(), key.repository(), key.name()));
    this.links =
        FactCache.ofEntries(
            limits.links(), key -> index.link(key.zone(), key.repository(), key.name()));
    this.blobs = FactCache.ofEntries(limits.blobs(), index::blob);
    this.manifests =
        FactCache.ofBytes(
            limits.manifestBytes(),
            limits.largestEntry(),
            Manifest::size,
            key -> index.manifest(key.zone(), key.repository(), key.name()));
    this.referrers =
        FactCache.ofBytes(
            limits.referrersBytes(),
            limits.largestEntry(),
            listing -> listing.index().length,
            key ->
                index.referrers(
                    key.zone(), key.repository(), key.name().digest(), key.name().artifactType()));
  }

  /** The caches by the kind of fact they hold, for their statistics. */
  public Map<String, Cache<?, ?>> caches() {
    return Map.of(
        "tags", tags.cache(),
        "manifests", manifests.cache(),
        "links", links.cache(),
        "blobs", blobs.cache(),
        "referrers", referrers.cache());
  }

  /** {@link Index#tag}. */
  public Future<Optional<TagRecord>> tag(ZoneName zone, RepositoryName repository, Tag tag) {
    return get(tags, new InRepository<>(zone, repository, tag));
  }

  /** {@link Index#tags}; always asks the index. */
  public Future<List<Tag>> tags(ZoneName zone, RepositoryName repository) {
    return onWorker(() -> index.tags(zone, repository));
  }

  /** {@link Index#manifest}. */
  public Future<Optional<Manifest>> manifest(
      ZoneName zone, RepositoryName repository, Digest digest) {
    return get(manifests, new InRepository<>(zone, repository, digest));
  }

  /** {@link Index#link}. */
  public Future<Optional<LinkRecord>> link(
      ZoneName zone, RepositoryName repository, Digest digest) {
    return get(links, new InRepository<>(zone, repository, digest));
  }

  /** {@link Index#blob}. */
  public Future<Optional<BlobRecord>> blob(Digest digest) {
    return get(blobs, digest);
  }

  /** {@link Index#referrers}. */
  public Future<Optional<ReferrersRecord>> referrers(
      ZoneName zone, RepositoryName repository, Digest subject, String artifactType) {
    return get(referrers, new InRepository<>(zone, repository, new Subject(subject, artifactType)));
  }

  /**
   * {@link Index#apply}. Calls made without waiting for one another may take effect in any order.
   * Fails with {@link IndexException} if nothing was written.
   */
  public Future<Void> apply(List<IndexChange> changes) {
    List<IndexChange> all = List.copyOf(changes);
    return onWorker(() -> applyNow(all)).mapEmpty();
  }

  private List<IndexChange> applyNow(List<IndexChange> changes) {
    Lock shared = sweeping.readLock();
    shared.lock();
    try {
      Set<Object> names = putSince;
      if (names != null) {
        changes.stream().map(CachedIndex::name).forEach(names::add);
      }
      index.apply(changes);
    } finally {
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

    /**
     * Deletes what was not put in this generation and may still go.
     *
     * @param mayGo asked once more, on a worker thread, while nothing is put
     */
    public Future<Void> delete(List<IndexChange> deletions, Predicate<IndexChange> mayGo) {
      return onWorker(() -> deleteNow(deletions, mayGo)).mapEmpty();
    }

    /** Ends it. */
    @Override
    public void close() {
      putSince = null;
    }
  }

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

  private List<IndexChange> deleteNow(List<IndexChange> deletions, Predicate<IndexChange> mayGo) {
    Lock exclusive = sweeping.writeLock();
    exclusive.lock();
    try {
      Set<Object> names = putSince;
      List<IndexChange> left =
          deletions.stream()
              .filter(deletion -> names != null && !names.contains(name(deletion)))
              .filter(mayGo)
              .toList();
      index.apply(left);
    } finally {
      exclusive.unlock();
      deletions.forEach(this::forget);
    }
    return deletions;
  }

  /** What a change is about: the same for a put and for a deletion. */
  private static Object name(IndexChange change) {
    Row row = Row.of(change);
    return new RowName(row.family(), ByteBuffer.wrap(row.key()));
  }

  private record RowName(Family family, ByteBuffer key) {}

  private void forget(IndexChange change) {
    switch (change) {
      case IndexChange.PutTag put ->
          tags.forget(new InRepository<>(put.zone(), put.repository(), put.tag()));
      case IndexChange.DeleteTag delete ->
          tags.forget(new InRepository<>(delete.zone(), delete.repository(), delete.tag()));
      case IndexChange.PutManifest put ->
          manifests.forget(
              new InRepository<>(put.zone(), put.repository(), put.manifest().digest()));
      case IndexChange.DeleteManifest delete ->
          manifests.forget(new InRepository<>(delete.zone(), delete.repository(), delete.digest()));
      case IndexChange.PutLink put ->
          links.forget(new InRepository<>(put.zone(), put.repository(), put.digest()));
      case IndexChange.DeleteLink delete ->
          links.forget(new InRepository<>(delete.zone(), delete.repository(), delete.digest()));
      case IndexChange.PutBlob put -> blobs.forget(put.digest());
      case IndexChange.DeleteBlob delete -> blobs.forget(delete.digest());
      case IndexChange.PutReferrers put ->
          referrers.forget(
              new InRepository<>(
                  put.zone(), put.repository(), new Subject(put.subject(), put.artifactType())));
      case IndexChange.DeleteReferrers delete ->
          referrers.forget(
              new InRepository<>(
                  delete.zone(),
                  delete.repository(),
                  new Subject(delete.subject(), delete.artifactType())));
      case IndexChange.PutBlobUsage _,
          IndexChange.DeleteBlobUsage _,
          IndexChange.PutManifestUsage _,
          IndexChange.DeleteManifestUsage _ -> {
        // Never in memory.
      }
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

  private <K, V> Future<Optional<V>> get(FactCache<K, V> facts, K key) {
    Future<Optional<V>> cached = facts.ifCached(key);
    return cached != null ? cached : onWorker(() -> facts.load(key));
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
