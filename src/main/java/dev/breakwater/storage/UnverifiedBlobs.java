package dev.breakwater.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.oci.Digest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which stored blobs must be read and hashed before they are served again, and the threads that do
 * so. Thread-safe.
 */
public final class UnverifiedBlobs implements AutoCloseable {
  /*
   * A blob is doubted
   *
   *   - after an unclean stop, if it was there at that time: a disk that lost power may have lost
   *     more than it admits. Each is hashed once, by the first who wants it or by the scrubber,
   *     which goes through them in the order of their digests (provenUpTo). What this process has
   *     proven itself it believes to its end.
   *   - if a client says so (raise): a client that got it whole asks for it again at once, as clients
   *     do when the digest is wrong; or it could not be read to its end. Not within BELIEVED of the
   *     last proof, or clients behind one address would have a popular blob hashed all the time.
   *
   * Without any doubt covers() is a look at two fields and an empty map.
   */
  private static final int THREADS = 2;
  private static final long MAX_PROVEN = 200_000;
  private static final long MAX_RAISED = 10_000;
  private static final long BELIEVED_NANOS = Duration.ofMinutes(10).toNanos();
  private static final long NEVER = Long.MIN_VALUE;

  private final BlobStore store;
  private final BlobCheck check;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("blob-proof-", 0).factory());
  private final Map<Digest, CompletableFuture<Boolean>> proofs = new ConcurrentHashMap<>();
  private final Cache<Digest, Long> proven = Caffeine.newBuilder().maximumSize(MAX_PROVEN).build();
  private final Cache<Digest, Boolean> raised =
      Caffeine.newBuilder().maximumSize(MAX_RAISED).build();
  private volatile long before = NEVER;
  private volatile @Nullable Digest provenUpTo;

  UnverifiedBlobs(BlobStore store) {
    this.store = store;
    this.check = store.check(BlobCheck.Pacing.NONE);
  }

  /** Doubts every blob that was stored until then, in milliseconds since the epoch. */
  public void doubtAllUntil(long epochMillis) {
    provenUpTo = null;
    before = epochMillis;
  }

  /** Every blob up to this digest has been hashed since the doubts came up. */
  public void provenUpTo(Digest digest) {
    provenUpTo = digest;
  }

  /** Every blob has been hashed since. */
  public void allProven() {
    before = NEVER;
    provenUpTo = null;
  }

  /** Doubts this one, unless it was proven just now. */
  public void raise(Digest digest) {
    Long last = proven.getIfPresent(digest);
    if (last == null || System.nanoTime() - last > BELIEVED_NANOS) {
      raised.put(digest, true);
    }
  }

  /**
   * Whether the blob must be proven before it is served.
   *
   * @param storedAt when it was stored as far as is known, in milliseconds since the epoch
   */
  public boolean covers(Digest digest, long storedAt) {
    if (raised.estimatedSize() > 0 && raised.getIfPresent(digest) != null) {
      return true;
    }
    if (before == NEVER || storedAt > before) {
      return false;
    }
    Digest position = provenUpTo;
    return (position == null || digest.compareTo(position) > 0)
        && proven.getIfPresent(digest) == null;
  }

  /**
   * Hashes the blob, once for everyone who asks meanwhile. Completes, on any thread, with whether
   * it is sound; if it is damaged it has been put into the quarantine. Fails if it cannot be told.
   */
  public CompletionStage<Boolean> prove(Digest digest) {
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    CompletableFuture<Boolean> present = proofs.putIfAbsent(digest, mine);
    if (present != null) {
      return present;
    }
    try {
      threads.execute(() -> prove(digest, mine));
    } catch (RejectedExecutionException e) {
      proofs.remove(digest, mine);
      mine.completeExceptionally(e);
    }
    return mine;
  }

  private void prove(Digest digest, CompletableFuture<Boolean> proof) {
    try {
      BlobCheck.Finding finding = check.check(digest);
      if (finding.verdict() == BlobCheck.Verdict.DAMAGED
          && !store.quarantineIfDamaged(digest, finding)) {
        // It was replaced meanwhile.
        finding = check.check(digest);
        store.quarantineIfDamaged(digest, finding);
      }
      settled(digest, finding.verdict());
      proofs.remove(digest, proof);
      proof.complete(finding.verdict() == BlobCheck.Verdict.SOUND);
    } catch (Exception e) {
      proofs.remove(digest, proof);
      proof.completeExceptionally(e);
    }
  }

  /** The blob has been hashed. */
  public void settled(Digest digest, BlobCheck.Verdict verdict) {
    raised.invalidate(digest);
    if (verdict == BlobCheck.Verdict.SOUND) {
      proven.put(digest, System.nanoTime());
    } else {
      proven.invalidate(digest);
    }
  }

  /** Stops what is being read. */
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      threads.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
