package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.storage.PresentRanges.Range;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One try to get every byte that is missing from upstream, by one segment or several. A wrong
 * digest ends it, and another one is made. Everything, calls and {@link Event}s, happens on the
 * download's context.
 */
final class Attempt {
  /*
   * SegmentScheduler says what to ask for, RangeSupport whether by ranges, RetryPolicy when to ask
   * again, SizeClaims which size to believe; here are the segments' events and the timers.
   *
   * When no segment is left after a failure, the rest is asked for again after a wait that doubles,
   * and the attempt fails once that has happened Retries.most times without a byte. While
   * others run they take over what is missing. But if a reader waits for it, because it wanted it or
   * because it is the foremost of all, it is asked for again at once, then after waits that double,
   * at most Retries.most times without a byte; then its rest is a gap like any other.
   */

  private final Vertx vertx;
  private final Digest digest;
  private final BlobSource source;
  private final DownloadSettings settings;
  private final GrowingBlob bytes;
  private final BooleanSupplier awaited;
  private final Consumer<Event> events;
  private final SizeClaims size;
  private final RangeSupport ranges = new RangeSupport();
  private final RetryPolicy retries;
  private final SegmentScheduler scheduler;
  private boolean broke;
  private boolean over;
  private long tickTimer = -1;

  /**
   * Asks for nothing before {@link #begin}.
   *
   * @param hint what is said of the blob's size, or -1
   * @param segments how many there may be
   * @param awaited whether a client waits for it; a download without one gets one connection only
   */
  Attempt(
      DownloadParts parts,
      GrowingBlob bytes,
      long hint,
      int segments,
      BooleanSupplier awaited,
      Consumer<Event> events) {
    this.vertx = parts.shared().vertx();
    this.digest = parts.digest();
    this.source = parts.source();
    this.settings = parts.settings();
    this.bytes = bytes;
    this.awaited = awaited;
    this.events = events;
    // More bytes than the hint allows are here: it is wrong.
    this.size = new SizeClaims(hint < bytes.end() ? -1 : hint);
    this.retries =
        new RetryPolicy(settings.retries(), () -> ThreadLocalRandom.current().nextDouble());
    SegmentEvents segmentEvents = new SegmentEvents();
    this.scheduler =
        new SegmentScheduler(
            bytes,
            settings.segments(),
            size,
            ranges,
            parts.slots(),
            parts.history(),
            segments,
            (start, end) -> new Segment(digest, source, start, end, segmentEvents));
  }

  /** Asks upstream. */
  void begin() {
    assign();
    if (!over && !scheduler.isSettled()) {
      scheduler.measureFrom(System.nanoTime());
      tickTimer = vertx.setPeriodic(settings.segments().tick().toMillis(), timer -> tick());
    }
  }

  /** A client has begun to wait for it. */
  void awaited() {
    if (scheduler.isAnswered()) {
      assign();
    }
  }

  /** The size if an answer has told it, else -1. */
  long toldSize() {
    return size.isTold() ? size.size() : -1;
  }

  /** Whether upstream has begun to send. */
  boolean isAnswered() {
    return scheduler.isAnswered();
  }

  /** How many segments run. */
  int segments() {
    return scheduler.count();
  }

  /** A reader waits for these bytes; they are asked for at once if they are not about to come. */
  void want(long from, long to) {
    want(from, to, 0);
  }

  private void want(long from, long to, int tries) {
    if (!over) {
      scheduler.want(from, to, tries).ifPresent(this::open);
    }
  }

  private void replayWishes() {
    for (Range wish : scheduler.takeWishes()) {
      want(wish.start(), wish.end());
    }
  }

  /** Only what comes in order is of use from now on. */
  void inOrder() {
    scheduler.inOrder();
    if (scheduler.isAnswered()) {
      assign();
    }
  }

  void pause() {
    scheduler.pause();
  }

  /** Whether it waits to be resumed. */
  boolean isPaused() {
    return scheduler.isPaused() && !over;
  }

  void resume() {
    scheduler.resume();
  }

  /** Gives up, without a further event. */
  void cancel() {
    over = true;
    vertx.cancelTimer(tickTimer);
    scheduler.close();
  }

  private void assign() {
    while (!over) {
      if (scheduler.isComplete()) {
        finish();
        return;
      }
      Optional<Segment> next = scheduler.next(awaited.getAsBoolean());
      if (next.isEmpty()) {
        return;
      }
      open(next.get());
    }
  }

  private void open(Segment segment) {
    if (broke) {
      broke = false;
      events.accept(new Event.Resumed());
    }
    segment.open(segment.end() != Segment.UNKNOWN && segment.end() < size.size());
  }

  private void tick() {
    if (scheduler.tick(System.nanoTime())) {
      assign();
    }
  }

  private void finish() {
    scheduler.complete(System.nanoTime());
    cancel();
    events.accept(new Event.Received(size.size()));
  }

  private void fail(UpstreamException cause) {
    cancel();
    events.accept(new Event.UpstreamFailed(cause));
  }

  private final class SegmentEvents implements Segment.Events {
    @Override
    public void answered(Segment segment, OptionalLong total) {
      long before = size.size();
      total.ifPresent(this::learn);
      if (segment.ignoresRange() && !scheduler.adopt(segment)) {
        throw invalid("ignores ranges of " + digest);
      }
      if (!scheduler.isAnswered()) {
        scheduler.answered(System.nanoTime());
        events.accept(new Event.Answered(size.size()));
        replayWishes();
      } else if (size.size() != before) {
        events.accept(new Event.Answered(size.size()));
      }
      if (!over && size.isKnown()) {
        scheduler.resize(before);
      }
      // A client may have begun to wait while the first answer was not here yet.
      assign();
    }

    private void learn(long total) {
      if (total > settings.limits().blob()) {
        throw invalid("has " + total + " bytes, more than are taken, for " + digest);
      }
      long least = bytes.end();
      if (!size.accepts(total, least)) {
        long expected = Math.max(size.size(), least);
        throw invalid("has " + total + " bytes for " + digest + ", expected " + expected);
      }
    }

    @Override
    public void arrived(Segment segment, long offset, Buffer piece) {
      if (!size.isKnown() && offset > HeldSpace.UNKNOWN_SIZE) {
        fail(invalid("sends ever more bytes for " + digest + " without telling how many"));
        return;
      }
      ranges.arrived(segment.isRanged());
      if (!ranges.isWhole()) {
        retries.arrived();
        events.accept(new Event.Arrived(offset, piece));
        return;
      }
      for (Range missing : bytes.gaps(offset, offset + piece.length())) {
        retries.arrived();
        int from = (int) (missing.start() - offset);
        Buffer fresh = piece.slice(from, from + (int) missing.length());
        events.accept(new Event.Arrived(missing.start(), fresh));
      }
      if (!over && scheduler.isComplete()) {
        finish();
      }
    }

    @Override
    public void over(Segment segment, @Nullable UpstreamException cause) {
      scheduler.ended(segment);
      if (over) {
        return;
      }
      if (cause != null) {
        broken(segment, cause);
        return;
      }
      if (!size.isKnown()) {
        size.endedAt(segment.end());
      }
      assign();
      replayWishes();
    }
  }

  private void broken(Segment segment, UpstreamException cause) {
    broke = true;
    boolean dispute = size.takeDispute();
    boolean rangeFault = !dispute && ranges.mayHaveFailed(segment, cause);
    scheduler.broke(RetryPolicy.isHeldBack(cause));
    if (scheduler.count() > 0) {
      leaveToOthers(segment, cause, rangeFault);
      return;
    }
    scheduler.wantLater(segment);
    if (rangeFault) {
      goOnWithoutThatRange();
      return;
    }
    boolean mayPass = dispute || (scheduler.isAnswered() && cause.outcome().isUnavailable());
    OptionalLong wait = mayPass ? retries.failed() : OptionalLong.empty();
    if (wait.isEmpty()) {
      fail(cause);
    } else {
      ranges.tryOneRange();
      goOnAfter(wait.getAsLong());
    }
  }

  /** The others take over what is missing as they end, unless readers wait for just that. */
  private void leaveToOthers(Segment segment, UpstreamException cause, boolean rangeFault) {
    boolean awaited = segment.isWanted() || segment.position() <= bytes.prefix();
    boolean mayHelp = awaited && cause.outcome().isUnavailable() && !ranges.isExhausted();
    if (!(mayHelp && askAgain(segment)) && rangeFault) {
      scheduler.leaveToTheOneBefore(segment);
    }
  }

  private void goOnWithoutThatRange() {
    if (bytes.total() == 0 || ranges.isExhausted()) {
      scheduler.fetchWhole();
      assign();
    } else {
      goOnAfter(retries.delay(ranges.faults() - 1));
    }
  }

  private void goOnAfter(long millis) {
    vertx.setTimer(
        millis,
        timer -> {
          assign();
          replayWishes();
        });
  }

  /** False if that was done often enough. */
  private boolean askAgain(Segment broken) {
    int tries = broken.hasBegun() ? 0 : broken.tries();
    if (!retries.mayRepeat(tries)) {
      return false;
    }
    long until = Math.max(broken.position() + 1, broken.wantedUntil());
    Runnable again = () -> want(broken.position(), until, tries + 1);
    if (tries == 0) {
      again.run();
    } else {
      vertx.setTimer(retries.delay(tries - 1), timer -> again.run());
    }
    return true;
  }

  private UpstreamException invalid(String what) {
    return new UpstreamException(UpstreamOutcome.INVALID, source + " " + what, null);
  }
}
