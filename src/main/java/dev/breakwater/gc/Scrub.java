package dev.breakwater.gc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.admin.api.ScrubInfo;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Amounts;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.storage.BlobCheck;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.Inventory;
import dev.breakwater.storage.StorageLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all blobs again and again, slowly, and hashes them, on a thread of its own: bytes rot on
 * disks that are not read. A pass goes through the store in the order of the digests, goes on after
 * a restart where it was, and begins once a day, after an unclean stop, or when it is told to. What
 * is damaged goes into the quarantine; {@link ScrubHealing} hears of it from the store.
 */
public final class Scrub implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scrub.class);
  private static final long KEEP_STATE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** Then it is the disk, and not the files. */
  private static final int FAILURES_IN_A_ROW = 16;

  private final BlobStore store;
  private final ScrubHealing healing;
  private final Settings settings;
  private final Metrics metrics;
  private final Object lock = new Object();
  private final BackgroundThread thread;

  @GuardedBy("lock")
  private ScrubState state;

  @GuardedBy("lock")
  private boolean running;

  @GuardedBy("lock")
  private boolean wanted;

  @GuardedBy("lock")
  private long blobs;

  @GuardedBy("lock")
  private long bytes;

  /**
   * How it works.
   *
   * @param bytesPerSecond the most it reads; 0 for a scrubber that never runs
   * @param every from the beginning of a pass to that of the next
   * @param clock what that is measured by
   * @param layout says where it is kept how far it has come
   */
  public record Settings(long bytesPerSecond, Duration every, Clock clock, StorageLayout layout) {
    boolean isOff() {
      return bytesPerSecond == 0;
    }
  }

  private Scrub(
      BlobStore store, ScrubHealing healing, ScrubState state, Settings settings, Metrics metrics) {
    this.store = store;
    this.healing = healing;
    this.state = state;
    this.settings = settings;
    this.metrics = metrics;
    this.thread = new BackgroundThread("scrub", LONGEST_PAUSE, metrics.background(), this::run);
  }

  /** Starts it where an earlier one was. */
  public static Scrub start(
      BlobStore store, ScrubHealing healing, ScrubState state, Settings settings, Metrics metrics) {
    Scrub scrub = new Scrub(store, healing, state, settings, metrics);
    if (state.doubtedUntil() > 0) {
      store.unverified().doubtAllUntil(state.doubtedUntil());
      if (state.began() >= state.doubtedUntil()) {
        state.position().ifPresent(store.unverified()::provenUpTo);
      }
    }
    if (!settings.isOff()) {
      scrub.thread.start();
    }
    return scrub;
  }

  /** Begins a pass from the front now, or after the one that runs; false if it is switched off. */
  public boolean request() {
    if (settings.isOff()) {
      return false;
    }
    synchronized (lock) {
      wanted = true;
      lock.notifyAll();
    }
    return true;
  }

  /** What it is doing. */
  public ScrubInfo status() {
    synchronized (lock) {
      String doing = running ? "running" : wanted ? "waiting" : "idle";
      return new ScrubInfo(
          settings.isOff() ? "off" : doing,
          settings.bytesPerSecond(),
          state.began() == 0 ? "" : Instant.ofEpochMilli(state.began()).toString(),
          state.position().map(Digest::toString).orElse(""),
          blobs,
          bytes,
          healing.damagedCount(),
          healing.healedCount(),
          state.doubtedUntil() > 0);
    }
  }

  private void run() throws IOException, InterruptedException {
    try {
      while (true) {
        awaitDue();
        pass();
      }
    } finally {
      suspendPass();
      keep();
    }
  }

  /** Stopped or failed: the next try goes on where it was. */
  private void suspendPass() {
    synchronized (lock) {
      if (running && state.position().isEmpty()) {
        // Begun, and nothing was read: it begins again.
        state = new ScrubState(state.doubtedUntil(), 0, Optional.empty());
      }
      running = false;
    }
  }

  /** A pass that was cut short goes on; a new one begins when it is time or was asked for. */
  private void awaitDue() throws InterruptedException {
    synchronized (lock) {
      long wait = untilDue();
      while (wait > 0) {
        lock.wait(wait);
        wait = untilDue();
      }
      boolean goesOn = state.position().isPresent() && !wanted;
      wanted = false;
      running = true;
      if (!goesOn) {
        blobs = 0;
        bytes = 0;
        // Never before what it is to clear up, even if the clock was turned back in between.
        long now = Math.max(settings.clock().millis(), state.doubtedUntil());
        state = new ScrubState(state.doubtedUntil(), now, Optional.empty());
      }
    }
  }

  @GuardedBy("lock")
  private long untilDue() {
    if (wanted || state.position().isPresent() || state.doubtedUntil() > state.began()) {
      return 0;
    }
    long now = settings.clock().millis();
    long due = state.began() + settings.every().toMillis();
    // A clock that was turned back must not put the next pass off for as long.
    return state.began() > now ? 0 : due - now;
  }

  private void pass() throws IOException, InterruptedException {
    Optional<Digest> from;
    synchronized (lock) {
      from = state.position();
    }
    Reader reader = new Reader();
    try {
      store.inventory().visitBlobs(reader, from);
    } catch (UncheckedInterruptedException e) {
      throw e.interruption();
    }
    synchronized (lock) {
      long began = Math.min(state.began(), settings.clock().millis());
      state = new ScrubState(0, began, Optional.empty());
      running = false;
      store.unverified().allProven();
      log.info("checked {} blobs, {}, for disk damage", blobs, Amounts.bytes(bytes));
    }
    keep();
    if (!reader.failed) {
      thread.succeeded();
    }
  }

  /** Hashes one after the other. */
  private final class Reader implements Inventory.Visitor {
    private final BlobCheck check = store.check(pacing());
    private long keptAt = System.nanoTime();

    /** How many in a row could not be opened. */
    private int failures;

    private boolean failed;

    private BlobCheck.Pacing pacing() {
      ScrubPace pace = new ScrubPace(settings.bytesPerSecond());
      return count -> {
        metrics.upkeep().scrubbed(count);
        pace.read(count);
      };
    }

    @Override
    public void blob(Digest digest, long size, long writtenAt) throws IOException {
      try {
        read(digest, size);
      } catch (InterruptedException e) {
        throw new UncheckedInterruptedException(e);
      }
    }

    private void read(Digest digest, long size) throws IOException, InterruptedException {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      try {
        BlobCheck.Finding finding = check.check(digest);
        boolean replaced =
            finding.verdict() == BlobCheck.Verdict.DAMAGED
                && !store.quarantineIfDamaged(digest, finding);
        if (!replaced) {
          store.unverified().settled(digest, finding.verdict());
        }
        failures = 0;
      } catch (IOException e) {
        skip(digest, e);
      }
      synchronized (lock) {
        blobs++;
        bytes += size;
        state = new ScrubState(state.doubtedUntil(), state.began(), Optional.of(digest));
        store.unverified().provenUpTo(digest);
      }
      if (System.nanoTime() - keptAt > KEEP_STATE_NANOS) {
        keep();
        keptAt = System.nanoTime();
      }
    }

    /** One file that cannot be opened keeps no other from being read. */
    private void skip(Digest digest, IOException failure) throws IOException {
      failures++;
      if (failures >= FAILURES_IN_A_ROW) {
        throw failure;
      }
      failed = true;
      store.unverified().raise(digest);
      thread.failed(new IOException("blob " + digest + " cannot be read: " + failure, failure));
    }

    @Override
    public void download(Inventory.DownloadFiles files) {
      // Downloads prove themselves.
    }

    @Override
    public void foreign(Path path) {
      // Reported by Reconcile.
    }
  }

  private void keep() {
    ScrubState now;
    synchronized (lock) {
      now = state;
    }
    try {
      now.write(settings.layout());
    } catch (IOException e) {
      log.warn("the progress of the check for disk damage cannot be saved: {}", DiskReason.of(e));
    }
  }

  /** Stops it; to be called before the store is closed. */
  @Override
  public void close() {
    thread.stop();
  }
}
