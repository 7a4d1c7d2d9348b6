package dev.breakwater.mirror;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.BlobFile;
import dev.breakwater.storage.DiskBudget;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one upstream download of a digest. It belongs to the mirror and not to the request that began
 * it: clients come and go as {@link Follower}s, and none is tied to another's speed.
 */
final class Fill {
  /*
   * Three parties meet here.
   *
   *   upstream   FillFetch, on the fill's own context (an event loop): bytes arrive, by one segment
   *              or several, and are put into the GrowingBlob; what breaks is taken up again.
   *   disk       FillWriter, one task at a time on the disk threads: hash, write, and at the end
   *              prove and commit. If it falls behind, upstream is paused.
   *   followers  on their clients' contexts: next() finds bytes, or waits among the FillReaders.
   *
   *   FETCHING --all bytes hashed, digest right--> VERIFIED --fdatasync, rename, index--> ended
   *      |  ^
   *      |  +-- digest wrong the first time: everything is forgotten and fetched again
   *      +----- upstream gave up, or the digest was wrong twice: FAILED
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
   *
   * When the disk has no room or refuses (UNCACHED), the bytes pass through memory: upstream keeps
   * the pace of the slowest follower, nobody can join who would need bytes that are gone, and the
   * fill ends when its last follower leaves. Hash and hold-back work as ever. Slow followers cannot
   * hold the others up for good: when the download has stood still for FillSettings.standstill
   * while some wait for more, those who are far behind are ended short, and it goes on without them.
   */

  private static final Logger log = LoggerFactory.getLogger(Fill.class);

  enum State {
    FETCHING,
    VERIFIED,
    FAILED
  }

  private final Vertx vertx;
  private final Context context;
  private final Digest digest;
  private final BlobSource source;
  private final FillSettings settings;
  private final int segments;
  private final PartFile part;
  private final Metrics metrics;
  private final LongFunction<Future<Void>> publish;
  private final FillMemory memory;
  private final GrowingBlob bytes;
  private final FillReaders readers;
  private final FillWriter writer;
  private final FillFetch fetch;
  private final Standstill standstill;
  private final Promise<Long> opened = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private final Set<Follower> followers = ConcurrentHashMap.newKeySet();
  private final long begun = System.nanoTime();

  /** Held while somebody joins or memory is given up, so that neither happens behind the other. */
  private final Object membership = new Object();

  private final AtomicReference<State> state = new AtomicReference<>(State.FETCHING);
  private volatile @Nullable RuntimeException failure;
  private volatile @Nullable String uncached;
  private volatile long size;
  private volatile int attempt;
  private volatile int running;
  private volatile boolean wantedByMirror;
  private boolean leftSomebodyBehind;
  private boolean writingBegun;
  private volatile boolean closing;

  /**
   * Prepares the download; {@link #begin} starts it. Made on the context it will use.
   *
   * @param size what the manifest says, or -1
   * @param parts what the download is made of
   * @param publish makes a committed blob of that size known to the index
   */
  Fill(
      Vertx vertx,
      Digest digest,
      BlobSource source,
      long size,
      Parts parts,
      LongFunction<Future<Void>> publish) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.digest = digest;
    this.source = source;
    this.size = size;
    this.part = parts.file();
    this.settings = parts.settings();
    this.segments = parts.segments();
    this.metrics = parts.metrics();
    this.publish = publish;
    this.memory = parts.memory();
    this.bytes = new GrowingBlob(part.file().channel(), part.present(), memory);
    this.readers = new FillReaders(vertx);
    this.writer =
        new FillWriter(parts.disk(), part, bytes, parts.budget(), settings, new DiskEvents());
    this.fetch =
        new FillFetch(
            vertx,
            digest,
            source,
            settings,
            bytes,
            parts.slots(),
            parts.habit(),
            new UpstreamEvents());
    this.standstill = new Standstill(vertx, settings.standstill(), this::leaveLaggardsBehind);
  }

  /**
   * What a download works with.
   *
   * @param file to write to; the fill closes it
   * @param disk the threads to hash and write on
   * @param budget of the disk
   * @param memory what all downloads hold
   * @param slots the transfers from this upstream
   * @param habit what earlier downloads from this upstream found out
   * @param segments the most transfers for one blob
   */
  record Parts(
      PartFile file,
      Executor disk,
      DiskBudget budget,
      FillMemory memory,
      TransferSlots slots,
      UpstreamHabit habit,
      int segments,
      FillSettings settings,
      Metrics metrics) {}

  /** Starts the download; on the context the fill was made on. */
  void begin() {
    long timer = vertx.setTimer(settings.headers().toMillis(), ignored -> openOnTheManifestsWord());
    opened.future().onComplete(ignored -> vertx.cancelTimer(timer));
    fetch.begin(size, segments);
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

  /** Whether it has come to its end, or is about to. */
  boolean isOver() {
    return uncached == null || closing || state.get() == State.FAILED;
  }

  /** What the admin API tells of it. */
  LiveFill describe() {
    return new LiveFill(
        digest.toString(),
        source.upstream().zone().value(),
        source.repository().value(),
        size,
        bytes.total(),
        followers.size(),
        running,
        wantedByMirror,
        uncached == null,
        (System.nanoTime() - begun) / 1e9);
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

  /** The mirror itself wants the blob, whatever clients do. */
  void wantForMirror() {
    wantedByMirror = true;
  }

  /** Ends the download, keeping its bytes, because the server stops; on any thread. */
  void stop() {
    context.runOnContext(
        ignored -> fail(cancelled("the server stops while it fetches " + digest), true));
  }

  /**
   * Another answer that reads from this fill; it must be closed. Empty if the fill has ended and
   * its file is closed, or what the answer would need is gone.
   */
  Optional<Follower> follow(Optional<RangeRequest> range) {
    BlobFile file = part.file();
    if (state.get() == State.FAILED || !file.tryAcquire()) {
      return Optional.empty();
    }
    synchronized (membership) {
      if (!closing && bytes.reachesBack()) {
        Follower follower = new Follower(this, file, range);
        followers.add(follower);
        metrics.waiterJoined();
        return Optional.of(follower);
      }
    }
    file.release();
    return Optional.empty();
  }

  Future<Region> next(Follower follower, long from, long to) {
    if (uncached != null) {
      giveUpWhatAllHaveRead();
    }
    Future<Region> region =
        readers.wish(
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
    if (!region.isComplete() && from > bytes.prefix() + settings.near()) {
      context.runOnContext(ignored -> want(follower, from, to));
    }
    return region;
  }

  private void want(Follower follower, long from, long to) {
    long end = Math.min(to, follower.provisionalEnd(size, settings));
    if (state.get() == State.FETCHING && from < end) {
      // Who reads a whole blob is served by what comes in order.
      fetch.want(from, follower.readsToTheEnd(size) ? from + 1 : end);
      running = fetch.segments();
    }
  }

  void left(Follower follower) {
    readers.forget(follower);
    dismiss(follower);
    if (uncached != null) {
      giveUpWhatAllHaveRead();
    }
    if (followers.isEmpty()) {
      context.runOnContext(ignored -> stopIfUnwanted());
    }
  }

  private void dismiss(Follower follower) {
    if (followers.remove(follower)) {
      metrics.waiterLeft();
    }
  }

  private Optional<Future<Region>> regionFor(Follower follower, long from, long to) {
    RuntimeException failed = failure;
    if (failed != null) {
      return Optional.of(Future.failedFuture(failed));
    }
    if (follower.isLeftBehind()) {
      return Optional.of(
          Future.failedFuture(
              cancelled(
                  "this client reads so slowly that it held up the others, and the cache's disk has"
                      + " no room to let it fall back")));
    }
    int current = attempt;
    if (!follower.mayReadAttempt(current)) {
      return Optional.of(Future.failedFuture(wrongDigest()));
    }
    long end =
        state.get() == State.VERIFIED ? to : Math.min(to, follower.provisionalEnd(size, settings));
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

  private void giveUpWhatAllHaveRead() {
    synchronized (membership) {
      long least = Long.MAX_VALUE;
      for (Follower follower : followers) {
        least = Math.min(least, follower.position());
      }
      if (least != Long.MAX_VALUE) {
        bytes.release(least);
      }
    }
    resumeIfRoom();
  }

  private void resumeIfRoom() {
    if (bytes.load() < allowance() / 2) {
      context.runOnContext(
          ignored -> {
            fetch.resume();
            standstill.end();
          });
    }
  }

  private void pause() {
    fetch.pause();
    if (uncached != null) {
      standstill.begin();
    }
    // There may be room again already, without a word to come.
    resumeIfRoom();
  }

  /** On the fill's context, when those who lag have kept the others from going on for too long. */
  private void leaveLaggardsBehind() {
    if (!readers.anyWaits()) {
      return;
    }
    long line = bytes.prefix() - allowance() / 2;
    int left = 0;
    for (Follower follower : followers) {
      if (follower.position() < line && !readers.waits(follower)) {
        follower.leaveBehind();
        dismiss(follower);
        metrics.laggardLeftBehind();
        left++;
      }
    }
    if (left > 0 && !leftSomebodyBehind) {
      leftSomebodyBehind = true;
      log.info(
          "{} passes through without being kept, and goes on without {} of its readers, who held"
              + " the others up for {}",
          digest,
          left,
          settings.standstill());
    }
    readers.wake();
    giveUpWhatAllHaveRead();
  }

  /** Without a disk nothing is used up before the first answer has begun. */
  private boolean somebodyMayRead() {
    return uncached == null || opened.future().isComplete();
  }

  /** How many bytes may wait before upstream is held back. */
  private long allowance() {
    return memory.isTight() ? settings.writeBatch() : settings.backlog();
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
    if (uncached != null) {
      synchronized (membership) {
        if (!followers.isEmpty()) {
          return;
        }
        fail(cancelled("every client of " + digest + " has left"), false);
        close(false);
      }
      return;
    }
    if (!followers.isEmpty()) {
      return;
    }
    if (state.get() != State.FETCHING || wantedByMirror) {
      return;
    }
    long received = bytes.total();
    boolean worthwhile =
        size >= 0
            && (size - received < settings.finishBelow()
                || received >= size * settings.finishShare());
    if (!worthwhile) {
      metrics.downloadAbandoned();
      fail(cancelled("every client of " + digest + " has left"), true);
    }
  }

  private static UpstreamException cancelled(String why) {
    return new UpstreamException(UpstreamOutcome.CANCELLED, why, null);
  }

  /** On the fill's context. */
  private void fail(RuntimeException cause, boolean keepBytes) {
    if (state.get() != State.FETCHING) {
      return;
    }
    failure = cause;
    if (!state.compareAndSet(State.FETCHING, State.FAILED)) {
      failure = null;
      return;
    }
    fetch.cancel();
    standstill.close();
    readers.wake();
    opened.tryFail(cause);
    close(keepBytes);
  }

  private void close(boolean keepBytes) {
    if (!closing) {
      closing = true;
      writer.close(keepBytes);
    }
  }

  private UpstreamException wrongDigest() {
    return new UpstreamException(
        UpstreamOutcome.DIGEST_MISMATCH,
        "what " + source + " sent for " + digest + " does not have that digest",
        null);
  }

  private void mismatched() {
    if (state.get() != State.FETCHING) {
      return;
    }
    metrics.digestMismatch(source.upstream().zone().value());
    if (attempt > 0) {
      fail(wrongDigest(), false);
      return;
    }
    // In this order, so that nobody takes old bytes for new ones.
    bytes.clear();
    standstill.end();
    attempt = 1;
    writer.restart();
    readers.wake();
    fetch.begin(size, 1);
  }

  private void beginWriting() {
    if (!writingBegun) {
      writingBegun = true;
      writer.begin(size);
    }
  }

  /** Upstream's side, on the fill's context. */
  private final class UpstreamEvents implements FillFetch.Events {
    @Override
    public void opened(long total) {
      size = total;
      beginWriting();
      if (total > settings.proveFirst()) {
        opened.tryComplete(total);
      }
    }

    @Override
    public void arrived(long offset, Buffer piece) {
      bytes.add(offset, piece);
      running = fetch.segments();
      readers.wake();
      if (bytes.backlog() >= settings.writeBatch() || uncached != null) {
        writer.write();
      }
      if (bytes.load() >= allowance() && somebodyMayRead()) {
        pause();
      }
    }

    @Override
    public void finished(long total) {
      size = total;
      standstill.close();
      beginWriting();
      writer.finish(total);
    }

    @Override
    public void failed(UpstreamException cause) {
      fail(cause, true);
    }

    @Override
    public void resumed() {
      metrics.downloadResumed();
    }
  }

  /** The disk's side, on a disk thread. */
  private final class DiskEvents implements FillWriter.Events {
    @Override
    public void progressed() {
      resumeIfRoom();
    }

    @Override
    public void diskRefused(String why) {
      if (uncached == null) {
        log.warn("{} passes through without being kept: {}", digest, why);
        metrics.downloadUncached();
        uncached = why;
        context.runOnContext(
            ignored -> {
              fetch.inOrder();
              if (!somebodyMayRead()) {
                fetch.resume();
              } else if (fetch.isPaused() && state.get() == State.FETCHING) {
                standstill.begin();
              }
              resumeIfRoom();
              stopIfUnwanted();
            });
      }
    }

    @Override
    public boolean verified() {
      if (!state.compareAndSet(State.FETCHING, State.VERIFIED)) {
        return false;
      }
      readers.wake();
      opened.tryComplete(size);
      return true;
    }

    @Override
    public void mismatched() {
      context.runOnContext(ignored -> Fill.this.mismatched());
    }

    @Override
    public void committed() {
      bytes.settle();
      publish.apply(size).onComplete(ignored -> writer.release());
    }

    @Override
    public void failed(Exception cause) {
      context.runOnContext(ignored -> fail(new DiskFailure(digest, cause), false));
    }

    @Override
    public void closed() {
      if (failure != null || uncached != null) {
        // Nobody reads from here any more.
        bytes.clear();
      }
      RuntimeException cause = failure;
      String why = uncached;
      if (cause != null) {
        ended.tryFail(cause);
      } else if (why != null) {
        ended.tryFail(new DiskFailure(digest, new IOException(why)));
      } else {
        ended.tryComplete();
      }
    }
  }
}
