package dev.breakwater.gc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.admin.api.SweepStatus;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Index;
import dev.breakwater.index.RecentUse;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Amounts;
import dev.breakwater.storage.BlobStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sweeps now and then, and when asked to, on a thread of its own: deletes what was not used for too
 * long and what belongs to nothing. Closed before store and index.
 */
public final class Sweeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
  private static final long LOOK_AGAIN_SECONDS = 1;

  /** How often it looks whether the index has grown beyond its share. */
  private static final Duration INDEX_LOOK = Duration.ofSeconds(30);

  /** A sweep reads the whole index, so a failing one is not repeated at once for long. */
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  /**
   * What it works with.
   *
   * @param index to read
   * @param cached the same index, by way of which it is changed
   */
  public record Parts(
      BlobStore store,
      Index index,
      CachedIndex cached,
      RecentUse recent,
      UsageWriter usage,
      Retentions retentions,
      IndexSpace.Watched indexSpace,
      Metrics metrics,
      Clock clock) {}

  /**
   * When it does what.
   *
   * @param interval between the end of a sweep and the beginning of the next
   * @param grace for how long something must be unreferenced before it goes
   * @param maxIdle for how long something unused is kept
   * @param rests whether it leaves the machine to others most of the time
   */
  public record Settings(Duration interval, Duration grace, Duration maxIdle, boolean rests) {
    Settings idleFor(Duration time) {
      return new Settings(interval, grace, time, rests);
    }
  }

  private record Wish(long id, boolean dryRun) {}

  private final Parts parts;
  private final Settings settings;
  private final LongConsumer sawOldestUse;
  private final GracePeriods gracePeriods = new GracePeriods();
  private final BackgroundThread thread;
  private final IndexSpace space;
  private volatile BooleanSupplier mayRun = () -> false;

  /** Whether the last sweep failed; the thread's own. */
  private boolean failed;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wished = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<Wish> wishes = new ArrayDeque<>();

  @GuardedBy("lock")
  private long lastId;

  @GuardedBy("lock")
  private long running;

  @GuardedBy("lock")
  private @Nullable SweepInfo last;

  /**
   * Does nothing before {@link #start}.
   *
   * @param sawOldestUse told after each sweep when the least recently used blob was used
   */
  public Sweeper(Parts parts, Settings settings, LongConsumer sawOldestUse) {
    this.parts = parts;
    this.settings = settings;
    this.sawOldestUse = sawOldestUse;
    this.space = new IndexSpace(parts.indexSpace(), settings.maxIdle());
    this.thread =
        new BackgroundThread("sweeper", LONGEST_PAUSE, parts.metrics().background(), this::run);
  }

  /**
   * Begins to sweep regularly.
   *
   * @param when whether index and store are known to agree; nothing is swept before
   */
  public void start(BooleanSupplier when) {
    mayRun = when;
    thread.start();
  }

  /** Asks for a sweep soon; its id, by which {@link #status} tells that it has ended. */
  public long request(boolean dryRun) {
    lock.lock();
    try {
      for (Wish wish : wishes) {
        if (wish.dryRun() == dryRun) {
          return wish.id();
        }
      }
      Wish wish = new Wish(++lastId, dryRun);
      wishes.add(wish);
      wished.signal();
      return wish.id();
    } finally {
      lock.unlock();
    }
  }

  /** What it does and did; from any thread. */
  public SweepStatus status() {
    lock.lock();
    try {
      return new SweepStatus(running, last);
    } finally {
      lock.unlock();
    }
  }

  private void run() throws InterruptedException {
    while (true) {
      awaitTime();
      awaitPermission();
      sweep(next());
    }
  }

  /** Until a sweep is asked for, or the time of the regular one has come. */
  private void awaitTime() throws InterruptedException {
    lock.lock();
    try {
      // After a failure the thread has paused already.
      long left = failed ? 0 : settings.interval().toNanos();
      while (wishes.isEmpty() && left > 0) {
        long look = Math.min(left, INDEX_LOOK.toNanos());
        left -= look - wished.awaitNanos(look);
        if (space.isShort()) {
          return;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitPermission() throws InterruptedException {
    while (!mayRun.getAsBoolean()) {
      TimeUnit.SECONDS.sleep(LOOK_AGAIN_SECONDS);
    }
  }

  /** What to do now: what was asked for, or the regular sweep. */
  private Wish next() {
    lock.lock();
    try {
      Wish wish = wishes.isEmpty() ? new Wish(++lastId, false) : wishes.remove();
      running = wish.id();
      return wish;
    } finally {
      lock.unlock();
    }
  }

  private void sweep(Wish wish) throws InterruptedException {
    @Nullable SweepInfo report = null;
    try {
      report = sweepNow(wish.id(), wish.dryRun());
    } finally {
      failed = report == null || report.outcome().equals(Sweep.FAILED);
      lock.lock();
      try {
        running = 0;
        last = report == null ? last : report;
      } finally {
        lock.unlock();
      }
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (failed) {
      throw new IllegalStateException("garbage collection failed; the log says why");
    }
    thread.succeeded();
  }

  /** One sweep on the caller's thread, for those who have no server; blocking. */
  public SweepInfo sweepNow(long id, boolean dryRun) {
    Duration maxIdle = dryRun ? settings.maxIdle() : space.forNextSweep();
    Sweep sweep = new Sweep(parts, gracePeriods, settings.idleFor(maxIdle), dryRun);
    SweepInfo report = sweep.run(id);
    if (!dryRun) {
      space.swept();
    }
    long freed = dryRun ? 0 : report.blobBytes() + report.downloadBytes();
    parts.metrics().upkeep().swept(report.outcome(), report.seconds(), freed);
    if (report.outcome().equals("done")) {
      sawOldestUse.accept(sweep.oldestUse());
    }
    log.info(
        "garbage collection {} in {} s: {} blobs ({}), {} manifests, {} tags, {} links, {}"
            + " referrers lists, {} unfinished downloads {}; {} links wait for gc.grace, {} blobs"
            + " are kept",
        report.outcome(),
        String.format(Locale.ROOT, "%.1f", report.seconds()),
        report.blobs(),
        Amounts.bytes(report.blobBytes()),
        report.manifests(),
        report.tags(),
        report.links(),
        report.referrers(),
        report.downloads(),
        dryRun ? "would be deleted" : "deleted",
        report.waiting(),
        report.kept());
    return report;
  }

  /** Stops it and waits. */
  @Override
  public void close() {
    thread.stop();
  }
}
