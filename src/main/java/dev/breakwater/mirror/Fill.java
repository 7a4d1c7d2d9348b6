package dev.breakwater.mirror;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.BlobFile;
import dev.breakwater.storage.PartFile;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The one upstream download of a digest. It belongs to the mirror and not to the request that began
 * it: clients come and go as {@link Follower}s, and none is tied to another's speed.
 */
final class Fill {
  /*
   * Three parties meet here.
   *
   *   upstream   FillTransfer, on the fill's own context (an event loop): bytes arrive and are put
   *              into the GrowingBlob; a broken transfer is taken up again where it broke.
   *   disk       FillWriter, one task at a time on the disk threads: hash, write, and at the end
   *              verify and commit. If it falls behind, upstream is paused.
   *   followers  on their clients' contexts: next() finds bytes, or waits among the FillReaders.
   *
   *   FETCHING --all bytes hashed, digest right--> VERIFIED --fdatasync, rename, index--> ended
   *      |  ^
   *      |  +-- digest wrong the first time: everything is forgotten and fetched again
   *      +----- upstream gave up, or the disk did, or the digest was wrong twice: FAILED
   *
   * What a follower may send: while FETCHING everything that has arrived but the last bytes of a
   * whole answer (FillSettings.holdBack); from VERIFIED on everything. So no whole answer is
   * complete unless its digest was proven, and clients never wait for the disk. After FAILED its
   * next() fails and the answer ends short, even where bytes are still here.
   *
   * A follower remembers the attempt that its first byte came from. When the fill begins again from
   * scratch it may go on only if it has taken none yet: what it sent may be wrong.
   *
   * A fill leaves the table of fills (Fills) only after the blob is in the index, so that whoever
   * comes finds one of the two: the race for which distribution gave up on letting clients join a
   * download (its issue 1006).
   */

  private enum State {
    FETCHING,
    VERIFIED,
    FAILED
  }

  private final Context context;
  private final Vertx vertx;
  private final Digest digest;
  private final BlobSource source;
  private final FillSettings settings;
  private final PartFile part;
  private final Metrics metrics;
  private final LongFunction<Future<Void>> publish;
  private final GrowingBlob bytes;
  private final FillReaders readers;
  private final FillWriter writer;
  private final FillTransfer transfer;
  private final Promise<Long> opened = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private final AtomicInteger followers = new AtomicInteger();

  private volatile State state = State.FETCHING;
  private volatile @Nullable RuntimeException failure;
  private volatile @Nullable RuntimeException notKept;
  private volatile long size;
  private volatile int attempt;

  /**
   * Prepares the download; {@link #begin} starts it. Made on the context it will use.
   *
   * @param size what the manifest says, or -1
   * @param disk the threads to hash and write on
   * @param publish makes a committed blob of that size known to the index
   */
  Fill(
      Vertx vertx,
      Digest digest,
      BlobSource source,
      long size,
      PartFile part,
      Executor disk,
      FillSettings settings,
      Metrics metrics,
      LongFunction<Future<Void>> publish) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.digest = digest;
    this.source = source;
    this.size = size;
    this.part = part;
    this.settings = settings;
    this.metrics = metrics;
    this.publish = publish;
    this.bytes = new GrowingBlob(part);
    this.readers = new FillReaders(vertx);
    this.writer = new FillWriter(disk, part, bytes, settings, new DiskEvents());
    this.transfer = new FillTransfer(vertx, digest, source, settings, new UpstreamEvents());
  }

  /** Starts the download; on the context the fill was made on. */
  void begin() {
    vertx.setTimer(settings.headers().toMillis(), timer -> openOnTheManifestsWord());
    writer.catchUp();
    transfer.fetch(bytes.prefix(), size);
  }

  Digest digest() {
    return digest;
  }

  BlobSource source() {
    return source;
  }

  /** The blob's size in bytes, or -1 while nobody knows. */
  long size() {
    return size;
  }

  /** How many bytes are here. */
  long received() {
    return bytes.total();
  }

  /** How many answers read from it. */
  int followers() {
    return followers.get();
  }

  /**
   * Completes with the size once an answer can begin: upstream sends and the size is known; a small
   * blob must be whole and proven. Fails if there will be nothing to send. On any thread.
   */
  Future<Long> opened() {
    return opened.future();
  }

  /**
   * Completes when the blob is in store and index and the part file closed, fails if it will not be
   * there. On any thread.
   */
  Future<Void> ended() {
    return ended.future();
  }

  /** Ends the download, keeping its bytes, because the server stops; on any thread. */
  void stop() {
    context.runOnContext(
        ignored -> fail(cancelled("the server stops while it fetches " + digest), true));
  }

  /**
   * Another answer that reads from this fill; it must be closed. Empty if the fill has ended and
   * its file is closed.
   */
  Optional<Follower> follow(Optional<RangeRequest> range) {
    BlobFile file = part.file();
    if (!file.tryAcquire()) {
      return Optional.empty();
    }
    followers.incrementAndGet();
    metrics.waiterJoined();
    return Optional.of(new Follower(this, file, range));
  }

  Future<Region> next(Follower follower, long from, long to) {
    return readers.wish(
        new FillReaders.Wish() {
          @Override
          public Object reader() {
            return follower;
          }

          @Override
          public Optional<Future<Region>> grant() {
            return regionFor(follower, from, to);
          }
        });
  }

  void left(Follower follower) {
    readers.forget(follower);
    metrics.waiterLeft();
    if (followers.decrementAndGet() == 0) {
      context.runOnContext(ignored -> stopIfUnwanted());
    }
  }

  private Optional<Future<Region>> regionFor(Follower follower, long from, long to) {
    RuntimeException failed = failure;
    if (failed != null) {
      return Optional.of(Future.failedFuture(failed));
    }
    int current = attempt;
    if (!follower.mayReadAttempt(current)) {
      return Optional.of(Future.failedFuture(wrongDigest()));
    }
    long end = state == State.VERIFIED ? to : Math.min(to, follower.provisionalEnd(size, settings));
    if (from >= end) {
      return Optional.empty();
    }
    Optional<Region> region = bytes.find(from, end);
    if (attempt != current) {
      return regionFor(follower, from, to);
    }
    region.ifPresent(found -> follower.tookFromAttempt(current));
    return region.map(Future::succeededFuture);
  }

  private void openOnTheManifestsWord() {
    long known = size;
    if (known > settings.proveFirst()) {
      opened.tryComplete(known);
    }
  }

  /**
   * Nobody reads any more. What is nearly here, or has come a good part of the way, is worth having
   * for the next client; the rest is stopped, and the bytes are kept for a later fill to go on from
   * (the policy of reliability.md, failure list, Clients).
   */
  private void stopIfUnwanted() {
    if (state != State.FETCHING || followers.get() > 0 || size < 0) {
      return;
    }
    long received = bytes.total();
    boolean worthwhile =
        size - received < settings.finishBelow() || received >= size * settings.finishShare();
    if (!worthwhile) {
      fail(cancelled("every client of " + digest + " has left"), true);
    }
  }

  private static UpstreamException cancelled(String why) {
    return new UpstreamException(UpstreamOutcome.CANCELLED, why, null);
  }

  /** On the fill's context. */
  private void fail(RuntimeException cause, boolean keepBytes) {
    if (state != State.FETCHING) {
      return;
    }
    failure = cause;
    state = State.FAILED;
    transfer.cancel();
    readers.wake();
    opened.tryFail(cause);
    writer.close(keepBytes);
  }

  private UpstreamException wrongDigest() {
    return new UpstreamException(
        UpstreamOutcome.DIGEST_MISMATCH,
        "what " + source + " sent for " + digest + " does not have that digest",
        null);
  }

  private void mismatched() {
    metrics.digestMismatch(source.upstream().zone().value());
    if (attempt > 0) {
      fail(wrongDigest(), false);
      return;
    }
    // In this order, so that nobody takes old bytes for new ones.
    bytes.clear();
    attempt = 1;
    writer.restart();
    readers.wake();
    transfer.fetch(0, size);
  }

  /** Upstream's side, on the fill's context. */
  private final class UpstreamEvents implements FillTransfer.Events {
    @Override
    public void opened(long total) {
      size = total;
      if (total > settings.proveFirst()) {
        opened.tryComplete(total);
      }
    }

    @Override
    public boolean arrived(long offset, Buffer piece) {
      long backlog = bytes.add(offset, piece);
      readers.wake();
      if (backlog >= settings.writeBatch()) {
        writer.write();
      }
      return backlog < settings.backlog();
    }

    @Override
    public void finished(long total) {
      size = total;
      writer.finish(total);
    }

    @Override
    public void failed(UpstreamException cause) {
      fail(cause, cause.outcome() != UpstreamOutcome.INVALID);
    }
  }

  /** The disk's side, on a disk thread. */
  private final class DiskEvents implements FillWriter.Events {
    @Override
    public void wrote(long backlog) {
      if (backlog < settings.backlog() / 2) {
        context.runOnContext(ignored -> transfer.resume());
      }
    }

    @Override
    public void verified() {
      state = State.VERIFIED;
      readers.wake();
      opened.tryComplete(size);
    }

    @Override
    public void mismatched() {
      context.runOnContext(ignored -> Fill.this.mismatched());
    }

    @Override
    public void committed() {
      publish.apply(size).onComplete(ignored -> writer.release());
    }

    @Override
    public void failed(IOException cause) {
      DiskFailure refused = new DiskFailure(digest, cause);
      if (state == State.VERIFIED) {
        // The followers go on reading; only the cache goes without.
        notKept = refused;
        writer.close(false);
      } else {
        context.runOnContext(ignored -> fail(refused, false));
      }
    }

    @Override
    public void closed() {
      RuntimeException cause = failure != null ? failure : notKept;
      if (cause != null) {
        ended.tryFail(cause);
      } else {
        ended.tryComplete();
      }
    }
  }
}
