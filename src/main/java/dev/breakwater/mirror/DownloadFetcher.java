package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.storage.PresentRanges.Range;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Upstream's side of a download: gets every byte that is missing, by one segment or several.
 * Everything, calls and {@link Events}, happens on the download's context.
 */
final class DownloadFetcher {
  /*
   * Throughput says how many segments there should be, SegmentPlan what each asks for; a segment
   * that ends makes room for the next. One that breaks leaves its rest as a gap. While others run
   * they take it over and no more are added; when none is left it is asked for again after a wait
   * that doubles, and the download fails once that has happened DownloadSettings.resumes times
   * without a byte.
   *
   * A reader may want bytes far ahead (want()): a segment of its own begins there, the segment that
   * would have come to it ends there. At most URGENT of these run beside the others; the one that
   * no reader waits for any more makes room, its rest is a gap again. If one of these breaks, or
   * the foremost of all, which everyone waits for who reads from the start, it is asked for again
   * at once, then after waits that double, at most DownloadSettings.resumes times without a byte;
   * then its rest is a gap like any other.
   *
   * How a blob begins depends on what the last ones from this upstream found out (SegmentHistory):
   * by several segments at once where that paid, by one request for everything, without a Range,
   * where one connection was fast. Where that is unknown, the first request is for a part, so that
   * it need not be cut off when others join it; should upstream not be able to answer that, it is
   * asked for everything.
   *
   * An upstream may send whole blobs and fail on every range. Nothing that has come may then keep
   * the rest from coming: after RANGE_FAULTS requests in a row that failed in a way which the Range
   * may have caused, or at once when there is nothing to lose, the blob is fetched whole by one
   * request without a Range (plain), and what is here already is skipped. The digest decides
   * whether the two fit together. Where upstream answers a Range with the whole blob, that answer
   * is used in the same way, unless others bring their ranges. When a plain transfer breaks, one
   * more range is tried before the next: where ranges fail only sometimes nothing is fetched twice.
   *
   * The size is a hint until the bytes are proven (SizeClaims).
   */

  private static final int URGENT = 8;
  private static final int RANGE_FAULTS = 4;
  private static final int NOT_IMPLEMENTED = 501;

  /** What becomes of it. */
  interface Events {
    /** Whether a client waits for it; a download without one gets one connection only. */
    boolean isAwaited();

    /**
     * Upstream sends; the blob's size, or -1 if only the end will tell. Called again if the size
     * turns out to be another.
     */
    void opened(long size);

    /** Bytes have come. */
    void arrived(long offset, Buffer bytes);

    /** All bytes have come; the blob's size. */
    void finished(long size);

    /** The rest will not come. */
    void failed(UpstreamException cause);

    /** A segment was begun to go on after one that broke. */
    void resumed();
  }

  private final Vertx vertx;
  private final Digest digest;
  private final BlobSource source;
  private final DownloadSettings settings;
  private final GrowingBlob bytes;
  private final TransferSlots slots;
  private final SegmentHistory history;
  private final SegmentPlan plan;
  private final Events events;
  private final List<Segment> running = new ArrayList<>();

  /** What could not be asked for at once. */
  private final List<Range> wishes = new ArrayList<>();

  private final SegmentEvents segmentEvents = new SegmentEvents();
  private final SizeClaims claims = new SizeClaims();
  private Throughput throughput;
  private long size = -1;
  private int failures;
  private int rangeFaults;
  private boolean plain;
  private boolean answered;
  private boolean disputed;
  private boolean opening;
  private boolean broke;
  private boolean sequential;
  private boolean steady;
  private boolean paused;
  private boolean wasPaused;
  private boolean over = true;
  private long tickTimer = -1;
  private long lastTick;

  DownloadFetcher(
      Vertx vertx,
      Digest digest,
      BlobSource source,
      DownloadSettings settings,
      GrowingBlob bytes,
      TransferSlots slots,
      SegmentHistory history,
      Events events) {
    this.vertx = vertx;
    this.digest = digest;
    this.source = source;
    this.settings = settings;
    this.bytes = bytes;
    this.slots = slots;
    this.history = history;
    this.plan = new SegmentPlan(bytes, settings);
    this.events = events;
    this.throughput = new Throughput(1, SegmentHint.ONE);
  }

  /**
   * Begins, or begins again from scratch.
   *
   * @param hint what the manifest says of the blob's size, or -1
   * @param segments how many there may be
   */
  void begin(long hint, int segments) {
    // More bytes than the hint allows are here: it is wrong.
    this.size = hint < bytes.end() ? -1 : hint;
    claims.begin(size);
    this.plain = false;
    this.rangeFaults = 0;
    boolean large = size >= settings.segmentAbove() && segments > 1;
    Optional<SegmentHint> learned = large ? history.hint() : Optional.empty();
    this.throughput = new Throughput(segments, learned.orElse(new SegmentHint(1, true)));
    this.opening = large && learned.isEmpty();
    this.failures = 0;
    this.over = false;
    this.paused = false;
    assign();
    if (!over && !throughput.isSettled()) {
      measureFromNow();
      tickTimer = vertx.setPeriodic(settings.tick().toMillis(), timer -> tick());
    }
  }

  private void measureFromNow() {
    lastTick = System.nanoTime();
    throughput.skip(bytes.total(), 0);
  }

  /** A client has begun to wait for it. */
  void awaited() {
    if (!over && answered) {
      assign();
    }
  }

  /** The size if an answer of this attempt told it, else -1. */
  long toldSize() {
    return claims.isTold() ? size : -1;
  }

  /** Whether upstream has begun to send. */
  boolean isAnswered() {
    return answered;
  }

  /** How many segments run. */
  int segments() {
    return running.size();
  }

  /** A reader waits for these bytes; they are asked for at once if they are not about to come. */
  void want(long from, long to) {
    want(from, to, 0);
  }

  private void want(long from, long to, int tries) {
    if (over || sequential || plain) {
      return;
    }
    if (!answered || size < 0) {
      wishes.add(new Range(from, to));
      return;
    }
    long start = plan.firstMissing(from, to, size);
    if (start < 0) {
      return;
    }
    Segment covering = plan.covering(start, running);
    if (covering != null && start - covering.position() <= settings.near()) {
      covering.wantUntil(to);
      return;
    }
    if (running.size() >= throughput.target() + URGENT && !makeRoom()) {
      wishes.add(new Range(from, to));
      return;
    }
    long end = covering != null ? covering.end() : plan.endOfGap(start, size, running);
    Segment urgent = new Segment(digest, source, start, end, segmentEvents);
    urgent.wantUntil(to);
    urgent.triedBefore(tries);
    if (covering != null) {
      covering.endAt(start);
    }
    open(urgent);
  }

  private void replayWishes() {
    List<Range> unmet = List.copyOf(wishes);
    wishes.clear();
    unmet.forEach(wish -> want(wish.start(), wish.end()));
  }

  /** Only what comes in order is of use from now on. */
  void inOrder() {
    throughput.settleAt(1);
    sequential = true;
    wishes.clear();
    List<Segment> ahead = new ArrayList<>(running);
    ahead.removeIf(segment -> segment.position() <= bytes.prefix());
    ahead.forEach(this::drop);
    if (!over && answered) {
      assign();
    }
  }

  void pause() {
    paused = true;
    wasPaused = true;
    running.forEach(Segment::pause);
  }

  /** Whether it waits to be resumed. */
  boolean isPaused() {
    return paused && !over;
  }

  void resume() {
    if (paused) {
      paused = false;
      List.copyOf(running).forEach(Segment::resume);
    }
  }

  /** Gives up, without a further event. */
  void cancel() {
    end();
    List.copyOf(running).forEach(this::drop);
  }

  private void end() {
    over = true;
    throughput.hint().ifPresent(history::learned);
    if (tickTimer >= 0) {
      vertx.cancelTimer(tickTimer);
      tickTimer = -1;
    }
  }

  private void assign() {
    while (!over) {
      if (size >= 0 && bytes.total() >= size) {
        finish();
        return;
      }
      Optional<Segment> next = nextSegment();
      if (next.isEmpty()) {
        return;
      }
      open(next.get());
    }
  }

  private Optional<Segment> nextSegment() {
    boolean first = running.isEmpty();
    if (plain) {
      return first ? Optional.of(segment(0, size >= 0 ? size : Segment.UNKNOWN)) : Optional.empty();
    }
    int most = events.isAwaited() ? throughput.target() : 1;
    if (!first && (running.size() >= most || size < 0 || !slots.hasFree())) {
      return Optional.empty();
    }
    if (size < 0) {
      // One byte that is here is asked for again: the answer tells the size, also if all are here.
      return Optional.of(segment(Math.max(0, bytes.prefix() - 1), Segment.UNKNOWN));
    }
    if (first && opening && !answered) {
      Range part = plan.opening(size);
      return Optional.of(segment(part.start(), part.end()));
    }
    Optional<Range> next = plan.next(size, running, throughput);
    if (next.isEmpty() && !first) {
      return plan.longest(running).map(this::split);
    }
    return next.map(range -> segment(range.start(), range.end()));
  }

  private Segment split(Segment longest) {
    long end = longest.end();
    long middle = longest.position() + longest.rest() / 2;
    longest.endAt(middle);
    return segment(middle, end);
  }

  private Segment segment(long start, long end) {
    return new Segment(digest, source, start, end, segmentEvents);
  }

  private void open(Segment segment) {
    running.add(segment);
    slots.take();
    if (broke) {
      broke = false;
      events.resumed();
    }
    if (paused) {
      segment.pause();
    }
    segment.open(segment.end() != Segment.UNKNOWN && segment.end() < size);
  }

  private void drop(Segment segment) {
    if (running.remove(segment)) {
      slots.giveBack();
      segment.cancel();
    }
  }

  private boolean makeRoom() {
    for (Segment segment : running) {
      if (!segment.isWanted() && segment.position() > bytes.prefix()) {
        drop(segment);
        return true;
      }
    }
    return false;
  }

  /** A late tick means that this machine is busy: then more connections would not be faster. */
  private void tick() {
    if (running.isEmpty() || throughput.isSettled()) {
      // What broke is taken up when its wait is over, not before.
      return;
    }
    long now = System.nanoTime();
    double seconds = (now - lastTick) / 1e9;
    double usual = settings.tick().toMillis() / 1e3;
    if (seconds < usual / 2) {
      // The first bytes have only just come.
      return;
    }
    lastTick = now;
    boolean late = seconds > 2 * usual;
    if (paused || wasPaused || late || size < settings.segmentAbove()) {
      wasPaused = paused;
      throughput.skip(bytes.total(), seconds);
      return;
    }
    long total = bytes.total();
    boolean sending =
        running.size() >= throughput.target() && running.stream().allMatch(Segment::hasBegun);
    throughput.tick(total, size - total, seconds, sending && steady);
    steady = sending && running.size() >= throughput.target();
    assign();
  }

  private void finish() {
    throughput.complete(size, (System.nanoTime() - lastTick) / 1e9);
    end();
    List.copyOf(running).forEach(this::drop);
    events.finished(size);
  }

  private void fail(UpstreamException cause) {
    cancel();
    events.failed(cause);
  }

  private final class SegmentEvents implements Segment.Events {
    @Override
    public void answered(Segment segment, OptionalLong total) {
      long before = size;
      total.ifPresent(this::learn);
      if (segment.ignoresRange()) {
        adopt(segment);
      }
      if (!answered) {
        answered = true;
        if (running.size() >= throughput.target()) {
          steady = true;
          measureFromNow();
        }
        events.opened(size);
        replayWishes();
      } else if (size != before) {
        events.opened(size);
      }
      if (over) {
        return;
      }
      if (size >= 0) {
        resize(before);
      }
      // A client may have begun to wait while the first answer was not here yet.
      assign();
    }

    private void learn(long total) {
      if (total > settings.largest()) {
        throw invalid("has " + total + " bytes, more than are taken, for " + digest);
      }
      if (!claims.accepts(total, bytes.end())) {
        disputed = true;
        long expected = Math.max(size, bytes.end());
        throw invalid("has " + total + " bytes for " + digest + ", expected " + expected);
      }
      size = total;
    }

    /** What runs to the end runs to this end. */
    private void resize(long before) {
      for (Segment each : List.copyOf(running)) {
        boolean toTheEnd = each.end() == Segment.UNKNOWN || each.end() == before;
        if (toTheEnd && each.runsToTheEnd() && each.end() != size) {
          each.endAt(size);
        }
      }
    }

    /** A whole blob in place of a range is as good as a plain transfer, if nothing else comes. */
    private void adopt(Segment whole) {
      settleAtOne();
      if (running.stream().anyMatch(other -> other != whole && other.isAnswered())) {
        throw invalid("ignores ranges of " + digest);
      }
      plain = true;
      wishes.clear();
      List.copyOf(running).stream()
          .filter(other -> other != whole)
          .forEach(DownloadFetcher.this::drop);
      whole.takeWhole(size >= 0 ? size : Segment.UNKNOWN);
    }

    @Override
    public void arrived(Segment segment, long offset, Buffer piece) {
      if (size < 0 && offset > DownloadWriter.UNKNOWN_SIZE) {
        fail(invalid("sends ever more bytes for " + digest + " without telling how many"));
        return;
      }
      rangeFaults = segment.isRanged() ? 0 : rangeFaults;
      if (!plain) {
        failures = 0;
        events.arrived(offset, piece);
        return;
      }
      for (Range missing : bytes.gaps(offset, offset + piece.length())) {
        failures = 0;
        int from = (int) (missing.start() - offset);
        events.arrived(missing.start(), piece.slice(from, from + (int) missing.length()));
      }
      if (!over && size >= 0 && bytes.total() >= size) {
        finish();
      }
    }

    @Override
    public void over(Segment segment, @Nullable UpstreamException cause) {
      if (running.remove(segment)) {
        slots.giveBack();
      }
      if (over) {
        return;
      }
      if (cause == null) {
        if (size < 0) {
          size = segment.end();
          claims.endedAt(size);
        }
        assign();
        replayWishes();
      } else {
        broken(segment, cause);
      }
    }
  }

  private void broken(Segment segment, UpstreamException cause) {
    broke = true;
    boolean dispute = disputed;
    disputed = false;
    boolean rangeFault =
        !dispute && segment.isRanged() && !segment.hasBegun() && mayMeanTheRange(cause);
    if (rangeFault) {
      rangeFaults++;
    }
    opening = false;
    if (heldBack(cause)) {
      settleAtOne();
    } else {
      throughput.settleAt(Math.min(throughput.target(), running.size()));
    }
    if (!running.isEmpty()) {
      // The others take over what is missing as they end; where readers wait, it is not left to
      // them.
      boolean awaited = segment.isWanted() || segment.position() <= bytes.prefix();
      boolean mayHelp = awaited && cause.outcome().isUnavailable() && rangeFaults < RANGE_FAULTS;
      if (!(mayHelp && askAgain(segment)) && rangeFault) {
        leaveToTheOneBefore(segment);
      }
      return;
    }
    if (segment.isWanted()) {
      wishes.add(new Range(segment.position(), segment.wantedUntil()));
    }
    if (rangeFault) {
      if (bytes.total() == 0 || rangeFaults >= RANGE_FAULTS) {
        plain = true;
        wishes.clear();
        settleAtOne();
        assign();
      } else {
        goOnAfter(delay(rangeFaults - 1));
      }
      return;
    }
    failures++;
    boolean mayPass = dispute || (answered && cause.outcome().isUnavailable());
    if (!mayPass || failures > settings.resumes()) {
      fail(cause);
      return;
    }
    if (plain) {
      plain = false;
      rangeFaults = RANGE_FAULTS - 1;
    }
    goOnAfter(delay(failures - 1));
  }

  private void goOnAfter(long millis) {
    vertx.setTimer(
        millis,
        timer -> {
          assign();
          replayWishes();
        });
  }

  /**
   * A transfer that goes on to the blob's end brings the stretch too that another one failed on.
   */
  private void leaveToTheOneBefore(Segment failed) {
    for (Segment before : running) {
      if (before.runsToTheEnd() && before.isAnswered() && before.end() == failed.position()) {
        before.endAt(failed.end());
        before.wantUntil(failed.wantedUntil());
        return;
      }
    }
  }

  /** False if that was done often enough. */
  private boolean askAgain(Segment broken) {
    int tries = broken.hasBegun() ? 0 : broken.tries();
    if (tries >= settings.resumes()) {
      return false;
    }
    long until = Math.max(broken.position() + 1, broken.wantedUntil());
    Runnable again = () -> want(broken.position(), until, tries + 1);
    if (tries == 0) {
      again.run();
    } else {
      vertx.setTimer(delay(tries - 1), timer -> again.run());
    }
    return true;
  }

  private long delay(int doublings) {
    long delay = settings.resumeDelay().toMillis() << doublings;
    return Math.max(1, delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1));
  }

  /** 416 and whatever else comes of a Range that is not understood or not allowed. */
  private static boolean mayMeanTheRange(UpstreamException cause) {
    return switch (cause.outcome()) {
      case REFUSED, INVALID, DENIED, UNAUTHORIZED, NOT_FOUND -> true;
      case SERVER_ERROR -> cause.status() == NOT_IMPLEMENTED;
      default -> false;
    };
  }

  private void settleAtOne() {
    throughput.settleAt(1);
    history.learned(SegmentHint.ONE);
  }

  private static boolean heldBack(UpstreamException cause) {
    return switch (cause.outcome()) {
      case RATE_LIMITED, SERVER_ERROR, INVALID, REFUSED -> true;
      default -> false;
    };
  }

  private UpstreamException invalid(String what) {
    return new UpstreamException(UpstreamOutcome.INVALID, source + " " + what, null);
  }
}
