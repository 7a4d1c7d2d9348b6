package dev.breakwater.mirror;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.registry.Region;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one upstream download of a digest. It belongs to the mirror and not to the request that began
 * it: clients come and go as {@link Follower}s, and none is tied to another's speed.
 */
final class Download {
  /*
   * Three parties meet here, and Backpressure holds the first to the pace of the others.
   *
   *   upstream   Attempt, on the download's own context (an event loop): bytes arrive, by one segment
   *              or several, and are put into the GrowingBlob; what breaks is taken up again.
   *   disk       DownloadWriter, one task at a time on the disk threads: hash, write, and at the end
   *              prove and commit.
   *   followers  DownloadFollowers, on their clients' contexts: they find bytes, or wait for them, and
   *              are sent no more than is safe at the state of things.
   *
   *   FETCHING --all bytes hashed, digest right--> VERIFIED --fdatasync, rename, index--> ended
   *      |  ^
   *      |  +-- digest wrong, fewer than TRIES times: everything is forgotten and fetched again
   *      +----- upstream gave up, or the digest was wrong TRIES times: FAILED
   *
   * The size is a hint until the digest is proven. When it turns out to be another after answers
   * have begun, those answers end short, and the download goes on for later requests.
   *
   * A download leaves the table of downloads (Downloads) only after the blob is in the index, so
   * that a request finds one of the two: the race for which distribution gave up on letting clients
   * join a download (its issue 1006).
   *
   * When the disk has no room or refuses (UNCACHED), the bytes pass through memory: upstream keeps
   * the pace of the slowest follower, no client can join that would need bytes that are gone, and
   * the download ends when its last follower leaves. Hash and hold-back work as ever.
   */

  private static final Logger log = LoggerFactory.getLogger(Download.class);

  /** How often a blob is fetched from scratch before a wrong digest counts. */
  private static final int TRIES = 3;

  enum State {
    FETCHING,
    VERIFIED,
    FAILED
  }

  private final Vertx vertx;
  private final Context context;
  private final Digest digest;
  private final BlobSource source;
  private final DownloadSettings settings;
  private final DownloadParts parts;
  private final Metrics metrics;
  private final LongFunction<Future<Void>> publish;
  private final GrowingBlob bytes;
  private final DownloadFollowers followers;
  private final DownloadWriter writer;
  private final Backpressure pace;
  private final BooleanSupplier crowded;
  private final IdleWatch idle;
  private final AtomicBoolean givingWay = new AtomicBoolean();
  private final Promise<Long> opened = Promise.promise();
  private final Promise<Void> received = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private final long begun = System.nanoTime();

  private final AtomicReference<State> state = new AtomicReference<>(State.FETCHING);
  private volatile @Nullable RuntimeException failure;
  private volatile @Nullable String uncached;
  private volatile long size;
  private volatile int running;
  private volatile boolean wantedByMirror;
  private Attempt attempt;
  private int mismatches;
  private boolean provePatienceOver;
  private boolean writingBegun;
  private volatile boolean closing;

  /**
   * Prepares the download; {@link #begin} starts it. Made on the context it will use.
   *
   * @param size what the manifest says, or -1
   * @param parts what the download is made of
   * @param publish makes a committed blob of that size known to the index
   */
  Download(
      Vertx vertx,
      Digest digest,
      BlobSource source,
      long size,
      DownloadParts parts,
      LongFunction<Future<Void>> publish) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.digest = digest;
    this.source = source;
    this.size = size;
    this.parts = parts;
    this.settings = parts.settings();
    this.metrics = parts.metrics();
    this.publish = publish;
    PartFile part = parts.file();
    this.bytes = new GrowingBlob(part.file().channel(), part.present(), parts.memory());
    this.followers =
        new DownloadFollowers(vertx, bytes, part.file(), this::size, settings, metrics);
    this.crowded = parts.crowded();
    this.idle =
        new IdleWatch(
            vertx,
            settings.idleEnd(),
            bytes::total,
            () -> size < 0 ? 1 : size - bytes.total(),
            this::stopIfTooSlow);
    this.writer =
        new DownloadWriter(parts.disk(), part, bytes, parts.budget(), settings, new DiskEvents());
    this.attempt = attempt(size, parts.segments());
    this.pace =
        new Backpressure(
            vertx,
            digest,
            bytes,
            parts.memory(),
            settings,
            () -> attempt,
            followers,
            () -> opened.future().isComplete());
  }

  private Attempt attempt(long hint, int segments) {
    return new Attempt(vertx, digest, source, bytes, parts, hint, segments, new UpstreamEvents());
  }

  /** Starts the download; on the context the download was made on. */
  void begin() {
    long timer = vertx.setTimer(settings.headers().toMillis(), ignored -> openOnTheManifestsWord());
    long proof =
        vertx.setTimer(settings.provePatience().toMillis(), ignored -> openBeforeTheProof());
    opened
        .future()
        .onComplete(
            ignored -> {
              vertx.cancelTimer(timer);
              vertx.cancelTimer(proof);
            });
    attempt.begin();
    if (wantedByMirror && followers.isEmpty()) {
      idle.begin();
    }
  }

  Digest digest() {
    return digest;
  }

  BlobSource source() {
    return source;
  }

  /** The blob's size in bytes, or -1 while it is unknown. */
  long size() {
    return size;
  }

  /** Whether it has come to its end, or is about to. */
  boolean isOver() {
    return uncached == null || closing || state.get() == State.FAILED;
  }

  /** What the admin API tells of it. */
  LiveDownload describe() {
    return new LiveDownload(
        digest.toString(),
        source.zone().value(),
        source.repository().value(),
        size,
        bytes.total(),
        followers.count(),
        running,
        wantedByMirror,
        uncached == null,
        (System.nanoTime() - begun) / 1e9);
  }

  /**
   * Completes once an answer can begin: upstream sends and the size is known; a small blob must be
   * whole and proven, or take long. Fails if there will be nothing to send. On any thread.
   */
  Future<Long> opened() {
    return opened.future();
  }

  /** Completes when nothing more comes from upstream, whether the bytes are right or not. */
  Future<Void> received() {
    return received.future();
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
   * Another answer that reads from this download; it must be closed. Empty if the download has
   * ended and its file is closed, or what the answer would need is gone.
   */
  Optional<Follower> follow(Optional<RangeRequest> range) {
    boolean first = followers.isEmpty();
    Optional<Follower> joined = followers.join(this, range);
    if (first && joined.isPresent()) {
      context.runOnContext(
          ignored -> {
            idle.end();
            attempt.awaited();
          });
    }
    return joined;
  }

  Future<Region> next(Follower follower, long from, long to) {
    if (uncached != null) {
      pace.moved();
    }
    Future<Region> region = followers.next(follower, from, to);
    if (!region.isComplete() && from > bytes.prefix() + settings.near()) {
      context.runOnContext(ignored -> want(follower, from, to));
    }
    return region;
  }

  private void want(Follower follower, long from, long to) {
    long end = Math.min(to, follower.provisionalEnd(size, settings));
    if (state.get() == State.FETCHING && from < end) {
      // Who reads a whole blob is served by what comes in order.
      attempt.want(from, follower.readsToTheEnd(size) ? from + 1 : end);
      running = attempt.segments();
    }
  }

  void left(Follower follower) {
    followers.leave(follower);
    if (uncached != null) {
      pace.moved();
    }
    if (followers.isEmpty()) {
      context.runOnContext(ignored -> stopIfUnwanted());
    }
  }

  /** A client's download waits for the place of this one: false if a client reads this too. */
  boolean giveWay() {
    if (!isUnread() || !givingWay.compareAndSet(false, true)) {
      return false;
    }
    context.runOnContext(
        ignored -> {
          if (isUnread()) {
            abandon();
          }
          givingWay.set(false);
        });
    return true;
  }

  private boolean isUnread() {
    return uncached == null && followers.isEmpty() && state.get() == State.FETCHING;
  }

  private void abandon() {
    metrics.downloads().abandoned();
    fail(everybodyLeft(), true);
  }

  private void openOnTheManifestsWord() {
    long known = size;
    if (known > settings.proveFirst()) {
      opened.tryComplete(known);
    }
  }

  /** A small blob that comes slowly is sent as it comes, like a large one. */
  private void openBeforeTheProof() {
    provePatienceOver = true;
    if (attempt.isAnswered() && size >= 0) {
      opened.tryComplete(size);
    }
  }

  /**
   * No client reads any more. What is nearly complete, or has come a good part of the way, is kept
   * for the next client; the rest is stopped, and the bytes are kept for a later download to go on
   * from (docs/findings.md#clients-that-leave).
   */
  private void stopIfUnwanted() {
    if (uncached != null) {
      if (followers.closeIfEmpty()) {
        fail(everybodyLeft(), false);
        close(false);
      }
      return;
    }
    if (!isUnread()) {
      return;
    }
    boolean worthIt = wantedByMirror || settings.isWorthFinishing(size, bytes.total());
    if (!worthIt || crowded.getAsBoolean()) {
      abandon();
    } else {
      idle.begin();
    }
  }

  private void stopIfTooSlow() {
    if (isUnread()) {
      log.info("{} comes too slowly to go on without a client; its bytes are kept", digest);
      abandon();
    }
  }

  private UpstreamException everybodyLeft() {
    return cancelled("every client of " + digest + " has left");
  }

  private static UpstreamException cancelled(String why) {
    return new UpstreamException(UpstreamOutcome.CANCELLED, why, null);
  }

  /** On the download's context. */
  private void fail(RuntimeException cause, boolean keepBytes) {
    if (!state.compareAndSet(State.FETCHING, State.FAILED)) {
      return;
    }
    failure = cause;
    attempt.cancel();
    pace.close();
    idle.end();
    followers.fail(cause);
    opened.tryFail(cause);
    close(keepBytes);
  }

  private void close(boolean keepBytes) {
    if (!closing) {
      closing = true;
      followers.close();
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
    metrics.digestMismatch(source.zone().value());
    mismatches++;
    if (mismatches >= TRIES) {
      fail(wrongDigest(), false);
      return;
    }
    // In this order, so that no reader takes old bytes for new ones.
    bytes.clear();
    followers.beginAgain(wrongDigest());
    writer.restart();
    // A size that no answer told may be what was wrong.
    attempt = attempt(attempt.toldSize(), 1);
    if (uncached != null) {
      attempt.inOrder();
    }
    long delay = settings.resumeDelay().toMillis() << mismatches;
    vertx.setTimer(
        delay,
        ignored -> {
          if (state.get() == State.FETCHING) {
            attempt.begin();
          }
        });
  }

  /** Answers that have begun have told their clients another size. */
  private void resize(long total) {
    long before = size;
    size = total;
    if (opened.future().succeeded() && total != before) {
      followers.dismissAll(
          new UpstreamException(
              UpstreamOutcome.INVALID,
              digest + " has " + total + " bytes, not " + before + " as was said before",
              null));
    }
  }

  private void beginWriting() {
    if (!writingBegun) {
      writingBegun = true;
      writer.begin(size);
    }
  }

  /** Upstream's side, on the download's context. */
  private final class UpstreamEvents implements Attempt.Events {
    @Override
    public boolean isAwaited() {
      return !followers.isEmpty();
    }

    @Override
    public void opened(long total) {
      long before = size;
      if (total >= 0) {
        resize(total);
      }
      if (wantedByMirror && before >= 0 && total > before && isUnread()) {
        // Larger than its manifest says, and no client waits for it.
        abandon();
        return;
      }
      beginWriting();
      if (total > settings.proveFirst() || (provePatienceOver && total >= 0)) {
        opened.tryComplete(total);
      }
    }

    @Override
    public void arrived(long offset, Buffer piece) {
      bytes.add(offset, piece);
      running = attempt.segments();
      followers.wake();
      if (bytes.backlog() >= settings.writeBatch() || uncached != null) {
        writer.write();
      }
      pace.arrived();
    }

    @Override
    public void finished(long total) {
      resize(total);
      pace.close();
      idle.end();
      beginWriting();
      writer.finish(total);
    }

    @Override
    public void failed(UpstreamException cause) {
      // More bytes than the blob can have are not its bytes.
      fail(cause, bytes.end() <= (size >= 0 ? size : DownloadWriter.UNKNOWN_SIZE));
    }

    @Override
    public void resumed() {
      metrics.downloads().resumed();
    }
  }

  /** The disk's side, on a disk thread. */
  private final class DiskEvents implements DownloadWriter.Events {
    @Override
    public void progressed() {
      pace.moved();
    }

    @Override
    public void diskRefused(String why) {
      if (uncached == null) {
        log.warn("not caching {}: {}; streaming it to clients", digest, why);
        // In this order: who sees that it is uncached finds its read bytes being released.
        pace.loseDisk();
        uncached = why;
        metrics.downloads().uncached();
        context.runOnContext(
            ignored -> {
              attempt.inOrder();
              pace.passThrough();
              stopIfUnwanted();
            });
      }
    }

    @Override
    public boolean verified() {
      if (!state.compareAndSet(State.FETCHING, State.VERIFIED)) {
        return false;
      }
      received.tryComplete();
      followers.proven();
      opened.tryComplete(size);
      return true;
    }

    @Override
    public void mismatched() {
      context.runOnContext(ignored -> Download.this.mismatched());
    }

    @Override
    public void committed() {
      bytes.settle();
      publish.apply(size).onComplete(ignored -> writer.release());
    }

    @Override
    public void failed(Exception cause) {
      context.runOnContext(ignored -> fail(new DiskFailureException(digest, cause), false));
    }

    @Override
    public void closed() {
      received.tryComplete();
      if (failure != null || uncached != null) {
        // Nothing is read from here any more.
        bytes.clear();
      }
      RuntimeException cause = failure;
      String why = uncached;
      if (cause != null) {
        ended.tryFail(cause);
      } else if (why != null) {
        ended.tryFail(new DiskFailureException(digest, new IOException(why)));
      } else {
        ended.tryComplete();
      }
    }
  }
}
