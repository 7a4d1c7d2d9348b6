package dev.breakwater.mirror.download;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries a download through its {@link State}s: what happens is an {@link Event}, handled by
 * {@link #on} on the download's context; {@link State#after} says what comes of it, and here is
 * what is done then.
 */
final class DownloadMachine {
  private static final Logger log = LoggerFactory.getLogger(DownloadMachine.class);

  private final Vertx vertx;
  private final Context context;
  private final Digest digest;
  private final DownloadParts parts;
  private final DownloadSettings settings;
  private final Metrics metrics;
  private final GrowingBlob bytes;
  private final DownloadFollowers followers;
  private final DownloadWriter writer;
  private final AnswerStart answers;
  private final Backpressure pace;
  private final UnreadPolicy unread;
  private final Promise<Void> received = Promise.promise();
  private final Promise<Void> ended = Promise.promise();

  // Changed on the context, read anywhere.
  private volatile State state = new State.Fetching(1);
  private volatile long size;
  private volatile int running;

  private Attempt attempt;

  /** Prepares everything; {@link #begin} starts it. Made on the context it will use. */
  DownloadMachine(DownloadParts parts, long hint) {
    this.vertx = parts.shared().vertx();
    this.context = vertx.getOrCreateContext();
    this.digest = parts.digest();
    this.size = hint;
    this.parts = parts;
    this.settings = parts.settings();
    this.metrics = parts.shared().metrics();
    this.bytes =
        new GrowingBlob(parts.file().file().channel(), parts.file().present(), parts.memory());
    this.followers =
        new DownloadFollowers(
            vertx, bytes, parts.file().file(), this::size, settings.answers().holdBack(), metrics);
    this.unread = new UnreadPolicy(this, parts);
    this.writer = new DownloadWriter(parts, bytes, this::onDisk);
    this.answers = new AnswerStart(settings.answers());
    this.attempt = attempt(hint, parts.shared().segments());
    this.pace = new Backpressure(parts, bytes, () -> attempt, followers, answers::isDecided);
  }

  private Attempt attempt(long hint, int segments) {
    return new Attempt(parts, bytes, hint, segments, () -> !followers.isEmpty(), this::on);
  }

  /** Starts the download; on its context. */
  void begin() {
    answers.begin(vertx, this::size, () -> attempt.isAnswered());
    attempt.begin();
    unread.begin();
  }

  State state() {
    return state;
  }

  /** The blob's size in bytes, or -1 while it is unknown. */
  long size() {
    return size;
  }

  /** How many segments run. */
  int running() {
    return running;
  }

  GrowingBlob bytes() {
    return bytes;
  }

  DownloadFollowers followers() {
    return followers;
  }

  UnreadPolicy unread() {
    return unread;
  }

  Future<Long> opened() {
    return answers.size();
  }

  Future<Void> received() {
    return received.future();
  }

  Future<Void> ended() {
    return ended.future();
  }

  /** A reader waits for these bytes; on the context. */
  void want(long from, long to) {
    if (state.isReceiving()) {
      attempt.want(from, to);
      running = attempt.segments();
    }
  }

  /** A reader has moved on or left; on any thread. */
  void readerMoved() {
    if (state.isUncached()) {
      pace.moved();
    }
  }

  /** The event is handled on the context, soon; on any thread. */
  void post(Event event) {
    context.runOnContext(ignored -> on(event));
  }

  /** The same for something that may be an event. */
  void run(Runnable look) {
    context.runOnContext(ignored -> look.run());
  }

  /** On a disk thread. */
  private void onDisk(Event event) {
    if (event instanceof Event.Progressed) {
      // Often, and of no consequence for the state.
      pace.moved();
    } else {
      post(event);
    }
  }

  /** The one place where the state changes; on the download's context. */
  void on(Event event) {
    State before = state;
    State now = before.after(event);
    state = now;
    switch (event) {
      case Event.Resumed resumed -> metrics.downloads().resumed();
      case Event.FileClosed closed -> fileClosed(before, now);
      default -> {
        if (before.isReceiving()) {
          onReceiving(event, now);
        }
      }
    }
    if (!now.equals(before)) {
      enter(now, before, event);
    }
  }

  /** What upstream and clients do is of consequence only while bytes come. */
  private void onReceiving(Event event, State now) {
    switch (event) {
      case Event.Answered answered -> answered(answered.size());
      case Event.Arrived arrived -> arrived(arrived);
      case Event.Received all -> allReceived(all.size());
      case Event.Mismatched wrong -> mismatched(wrong.cause(), now);
      case Event.RetryDue due -> attempt.begin();
      case Event.Awaited awaited -> {
        unread.end();
        attempt.awaited();
      }
      case Event.Unread none -> unread.watch();
      default -> {}
    }
  }

  private void enter(State now, State before, Event event) {
    switch (now) {
      case State.Streaming next when before instanceof State.Fetching -> passThrough(next.why());
      case State.Committing next -> {
        proven();
        writer.commit(size);
      }
      case State.Streamed next when before instanceof State.Streaming -> proven();
      case State.Streamed next -> passThrough(next.why());
      case State.Publishing next -> publish();
      case State.Releasing next -> writer.release();
      case State.Closing next -> close(next, before, event);
      case State.Fetching next -> {}
      case State.Streaming next -> {}
      case State.Ended next -> {}
    }
  }

  private void answered(long total) {
    long before = size;
    if (total >= 0) {
      resize(total);
    }
    if (before >= 0 && total > before && unread.refusesMore()) {
      return;
    }
    writer.begin(size);
    answers.answered(total);
  }

  /** Answers that have begun have told their clients another size. */
  private void resize(long total) {
    long before = size;
    size = total;
    if (answers.hasBegun() && total != before) {
      followers.dismissAll(
          new UpstreamException(
              UpstreamOutcome.INVALID,
              digest + " has " + total + " bytes, not " + before + " as was said before",
              null));
    }
  }

  private void arrived(Event.Arrived piece) {
    bytes.add(piece.offset(), piece.bytes());
    running = attempt.segments();
    followers.wake();
    if (bytes.backlog() >= settings.buffers().writeBatch() || state.isUncached()) {
      writer.write();
    }
    pace.arrived();
  }

  private void allReceived(long total) {
    resize(total);
    pace.close();
    unread.end();
    writer.begin(total);
    writer.finish(total);
  }

  private void proven() {
    received.tryComplete();
    followers.proven();
    answers.proven(size);
  }

  private void mismatched(UpstreamException cause, State now) {
    metrics.digestMismatch(parts.source().zone().value());
    switch (now) {
      case State.Fetching next -> beginAgain(cause, next.attempt());
      case State.Streaming next -> beginAgain(cause, next.attempt());
      default -> {}
    }
  }

  private void beginAgain(UpstreamException cause, int number) {
    // In this order, so that no reader takes old bytes for new ones.
    bytes.clear();
    followers.beginAgain(cause);
    writer.restart();
    // A size that no answer told may be what was wrong.
    attempt = attempt(attempt.toldSize(), 1);
    if (state.isUncached()) {
      attempt.inOrder();
    }
    long delay = settings.retries().firstWait().toMillis() << (number - 1);
    vertx.setTimer(delay, ignored -> on(new Event.RetryDue()));
  }

  private void passThrough(DiskFailureException cause) {
    log.warn("not caching {}: {}; streaming it to clients", digest, cause.why());
    metrics.downloads().uncached();
    pace.loseDisk();
    attempt.inOrder();
    pace.passThrough();
    unread.look();
  }

  /** Bytes first, then the index, then the download is over. */
  private void publish() {
    bytes.settle();
    Future.succeededFuture()
        .compose(ignored -> parts.shared().owner().publish(digest, parts.source(), size))
        .onComplete(
            result -> {
              if (result.failed()) {
                log.warn(
                    "blob {} is stored, but its entry cannot be written to the index",
                    digest,
                    result.cause());
              }
              post(
                  result.succeeded()
                      ? new Event.Published()
                      : new Event.NotPublished(result.cause()));
            });
  }

  private void close(State.Closing now, State before, Event event) {
    attempt.cancel();
    pace.close();
    unread.end();
    if (before.isReceiving()) {
      followers.fail(now.cause());
    }
    answers.failed(now.cause());
    followers.close();
    writer.close(now.keepsBytes() && (!(event instanceof Event.UpstreamFailed) || isPlausible()));
  }

  /** More bytes than the blob can have are not its bytes. */
  private boolean isPlausible() {
    return bytes.end() <= (size >= 0 ? size : HeldSpace.UNKNOWN_SIZE);
  }

  private void fileClosed(State before, State now) {
    received.tryComplete();
    if (before instanceof State.Closing) {
      // Nothing is read from here any more.
      bytes.clear();
    }
    if (now instanceof State.Ended end) {
      end.failure().ifPresentOrElse(ended::tryFail, ended::tryComplete);
    }
  }
}
