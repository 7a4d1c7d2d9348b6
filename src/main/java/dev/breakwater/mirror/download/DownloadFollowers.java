package dev.breakwater.mirror.download;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.BlobFile;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The followers of a download, and what each of them may be sent when. Thread-safe. */
final class DownloadFollowers {
  /*
   * What a follower may be sent: before the digest is proven everything that has arrived but the
   * last bytes of a whole answer (Answers.holdBack); then everything. So no whole answer
   * is complete unless its digest was proven, and clients never wait for the disk. After a failure
   * nothing, even where bytes are still here: the answer ends short.
   *
   * A follower remembers the attempt that its first byte came from. When the download begins again
   * from scratch it may go on only if it has taken none yet: what it sent may be wrong.
   */

  private final GrowingBlob bytes;
  private final BlobFile file;
  private final LongSupplier size;
  private final long holdBack;
  private final Metrics metrics;
  private final DownloadReaders readers;
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger attempt = new AtomicInteger();

  /** Held while a client joins or memory is given up, so that neither happens behind the other. */
  private final Object membership = new Object();

  @GuardedBy("membership")
  private boolean closed;

  private volatile boolean proven;
  private volatile @Nullable RuntimeException failure;
  private volatile @Nullable RuntimeException earlierAttempt;

  /**
   * Without followers yet.
   *
   * @param file the part file, which each follower holds a reference to
   * @param size of the blob, or -1 while it is unknown
   * @param holdBack bytes at the end of a whole answer that wait for the proof
   */
  DownloadFollowers(
      Vertx vertx,
      GrowingBlob bytes,
      BlobFile file,
      LongSupplier size,
      long holdBack,
      Metrics metrics) {
    this.bytes = bytes;
    this.file = file;
    this.size = size;
    this.holdBack = holdBack;
    this.metrics = metrics;
    this.readers = new DownloadReaders(vertx);
  }

  /**
   * Another one, who must be closed. Empty if there is nothing to follow any more, or what the
   * answer would need is gone.
   */
  Optional<Follower> join(Download download, Optional<RangeRequest> range) {
    if (failure != null || !file.tryAcquire()) {
      return Optional.empty();
    }
    synchronized (membership) {
      if (!closed && bytes.reachesBack()) {
        Follower follower = new Follower(download, file, range);
        followers.add(follower);
        metrics.downloads().waiterJoined();
        return Optional.of(follower);
      }
    }
    file.release();
    return Optional.empty();
  }

  /** One goes, whatever it still waits for. */
  void leave(Follower follower) {
    readers.forget(follower);
    dismiss(follower);
  }

  private void dismiss(Follower follower) {
    if (followers.remove(follower)) {
      metrics.downloads().waiterLeft();
    }
  }

  int count() {
    return followers.size();
  }

  boolean isEmpty() {
    return followers.isEmpty();
  }

  /** Admits no more from now on. */
  void close() {
    synchronized (membership) {
      closed = true;
    }
  }

  /** Admits no more from now on, but only if there is no follower. */
  boolean closeIfEmpty() {
    synchronized (membership) {
      closed |= followers.isEmpty();
      return closed;
    }
  }

  /** What this follower may be sent of these bytes, now or later, on the caller's context. */
  Future<Region> next(Follower follower, long from, long to) {
    return readers.wish(follower, () -> regionFor(follower, from, to));
  }

  private Optional<Future<Region>> regionFor(Follower follower, long from, long to) {
    RuntimeException failed = failure;
    if (failed != null) {
      return Optional.of(Future.failedFuture(failed));
    }
    RuntimeException ended = follower.ended();
    if (ended != null) {
      return Optional.of(Future.failedFuture(ended));
    }
    int current = attempt.get();
    RuntimeException earlier = earlierAttempt;
    if (earlier != null && !follower.mayReadAttempt(current)) {
      return Optional.of(Future.failedFuture(earlier));
    }
    long end = proven ? to : Math.min(to, follower.provisionalEnd(size.getAsLong(), holdBack));
    if (from >= end) {
      return Optional.empty();
    }
    Optional<Region> region = bytes.find(from, end);
    if (attempt.get() != current) {
      return regionFor(follower, from, to);
    }
    region.ifPresent(found -> follower.tookFromAttempt(current));
    return region.map(Future::succeededFuture);
  }

  private static UpstreamException tooSlow() {
    return new UpstreamException(
            UpstreamOutcome.CANCELLED,
            "this client reads so slowly that it held up the others, and the cache's disk has no"
                + " room to let it fall back",
            null)
        .because(FailureCause.CLIENT_SLOW);
  }

  /** Something new may be sent: bytes have arrived. */
  void wake() {
    readers.wake();
  }

  /** All bytes are here and have the digest. */
  void proven() {
    proven = true;
    readers.wake();
  }

  /** Nothing more may be sent. */
  void fail(RuntimeException cause) {
    failure = cause;
    readers.wake();
  }

  /**
   * The bytes so far are forgotten and come once more; to be called when they are gone.
   *
   * @param cause why who has taken of them may not go on
   */
  void beginAgain(RuntimeException cause) {
    earlierAttempt = cause;
    attempt.incrementAndGet();
    readers.wake();
  }

  /** Ends all those short who are here now; others may come. */
  void dismissAll(RuntimeException cause) {
    for (Follower follower : followers) {
      follower.endShort(cause);
    }
    readers.wake();
  }

  /** Without a disk: gives up what everyone is past. */
  void releaseWhatAllHaveRead() {
    synchronized (membership) {
      long least = Long.MAX_VALUE;
      for (Follower follower : followers) {
        least = Math.min(least, follower.position());
      }
      if (least != Long.MAX_VALUE) {
        bytes.release(least);
      }
    }
  }

  /**
   * Ends those short who have not come to this offset and do not even wait for more, if others do.
   *
   * @return how many
   */
  int dropSlowReaders(long line) {
    if (!readers.anyWaits()) {
      return 0;
    }
    int left = 0;
    for (Follower follower : followers) {
      if (follower.position() < line && !readers.waits(follower)) {
        follower.endShort(tooSlow());
        dismiss(follower);
        metrics.downloads().readerDropped();
        left++;
      }
    }
    // Those that came to wait in between are told.
    readers.wake();
    return left;
  }
}
