package dev.breakwater.gc;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.Change;
import dev.breakwater.index.Index;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.Tables;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.metrics.UpkeepMeters;
import dev.breakwater.oci.Amounts;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.PartFiles;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the coldest blobs when the cache is nearly full, and at once when a download waits for
 * room; on a thread of its own. It deletes nothing that is read, pinned, or written at the moment,
 * and nothing that was stored or used within the grace ({@link Leases}).
 */
public final class Eviction implements AutoCloseable {
  /*
   * A round asks the budget how many bytes should go and deletes so many: first what downloads left
   * that no download resumed for a while, then blobs from the coldest on. Candidates come from one
   * look at the whole index (Ranking) and are used up before the next look, since what is left
   * alone keeps its order. Whether it was used since the look is asked again, of the index, before
   * each deletion.
   *
   * Leases protects what was stored or used a moment ago: a layer that was fetched ahead of its
   * client is among the coldest until the client comes, and by its score a large layer is colder
   * than a small one that was last used a day ago. If all that could make room for a download is
   * in its grace, the download is refused at once, and its clients do not wait for it.
   *
   * A blob is deleted under its lock in the store: entry first, then file (BlobStore.evict). So
   * no request finds the file of a forgotten blob, and a crash in between leaves a file that the
   * next start adopts.
   */

  /** How long nothing is looked for after nothing was found, while no download waits for room. */
  private static final Duration FRUITLESS = Duration.ofSeconds(30);

  /** Pauses between two looks are so many times as long as a look. */
  private static final long LOOK_SHARE = 3;

  private static final Duration DOWNLOAD_IDLE = Duration.ofMinutes(10);

  /** A look finds candidates for this share of the cache, so that the next is some time off. */
  private static final long LOOK_AHEAD_SHARE = 20;

  private static final long TICK_MILLIS = 1000;

  /** Downloads wait for room a few seconds only. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private static final long AGAIN_MILLIS = 50;
  private static final Logger log = LoggerFactory.getLogger(Eviction.class);

  private final Parts parts;
  private final BackgroundThread thread;

  /** A permit is there while something has changed since the last round. */
  private final Semaphore changes = new Semaphore(0);

  private volatile boolean closed;

  // The thread's own.
  private Iterator<Ranking.Candidate> candidates = Collections.emptyIterator();
  private long lookedAt = System.nanoTime();
  private long lookNanos;
  private boolean fruitless;
  private long firstSpared;

  /** Whether this round met a blob that will be free to go soon: it is read, or being stored. */
  private boolean metInUse;

  private volatile long oldestUse;

  /**
   * What it works with.
   *
   * @param index to read
   * @param apply changes the index so that the request path knows of it; blocking
   * @param usage writes down what was used
   */
  public record Parts(
      DiskBudget budget,
      BlobStore store,
      Index index,
      Consumer<List<Change>> apply,
      RecentUse recent,
      UsageWriter usage,
      UsageScore score,
      Leases leases,
      Pins pins,
      Metrics metrics,
      Clock clock) {}

  /** Does nothing before {@link #start}. */
  public Eviction(Parts parts) {
    this.parts = parts;
    this.oldestUse = parts.clock().millis();
    this.thread =
        new BackgroundThread("eviction", LONGEST_PAUSE, parts.metrics().background(), this::run);
  }

  /** Begins to look after the budget. */
  public void start() {
    thread.start();
    parts.budget().relieve(this::changed);
  }

  /** A sweep has looked at all blobs: when the least recently used one was used. */
  public void sawOldestUse(long millis) {
    oldestUse = millis;
  }

  /** How long ago the least recently used blob was used, as of the last look at all. */
  public Duration oldestAccess() {
    return Duration.ofMillis(Math.max(0, parts.clock().millis() - oldestUse));
  }

  private void changed() {
    if (changes.availablePermits() == 0) {
      changes.release();
    }
  }

  private void run() throws IOException, InterruptedException {
    while (await(TICK_MILLIS)) {
      round();
      thread.succeeded();
    }
  }

  private void round() throws IOException, InterruptedException {
    parts.budget().serve();
    Optional<Runnable> refusal = parts.budget().refusalOfFirst();
    long shortage = parts.budget().shortage();
    if (shortage > 0) {
      boolean mayFreeMore = true;
      try {
        mayFreeMore = free(shortage);
      } finally {
        parts.budget().serve();
      }
      if (parts.budget().isAwaited()) {
        if (mayFreeMore) {
          // Readers end, downloads settle.
          Thread.sleep(AGAIN_MILLIS);
        } else {
          refusal.ifPresent(Runnable::run);
        }
        changed();
      }
    }
  }

  /** Waits until something has changed, at most so long; false once this is closed. */
  private boolean await(long millis) throws InterruptedException {
    boolean _ = changes.tryAcquire(millis, TimeUnit.MILLISECONDS);
    changes.drainPermits();
    return !closed;
  }

  /**
   * Frees what it can; a file that the disk refuses to delete keeps no other from going.
   *
   * @return false if there is nothing more to free within the time that a download waits
   */
  private boolean free(long bytes) throws IOException {
    Refusals refusals = new Refusals();
    metInUse = false;
    long freed = freeDownloads(bytes, refusals);
    Set<Digest> tried = new HashSet<>();
    boolean mayFreeMore = true;
    if (freed < bytes) {
      freed += freeBlobs(bytes - freed, tried, refusals);
    }
    if (freed < bytes && mayLook()) {
      // The list was old or short: one more look.
      look(bytes - freed);
      freed += freeBlobs(bytes - freed, tried, refusals);
      fruitless = freed == 0;
      mayFreeMore = freed >= bytes || candidates.hasNext() || isSomethingFreeSoon();
    }
    log.debug("{} bytes wanted, {} freed", bytes, freed);
    refusals.report();
    return mayFreeMore;
  }

  private boolean isSomethingFreeSoon() {
    long end = parts.clock().millis() + DiskBudget.PATIENCE.toMillis();
    return metInUse
        || parts.budget().standing().map(now -> now.unwritten() > 0).orElse(true)
        || !parts.leases().isInGrace(firstSpared, end);
  }

  /** Never so often that looking is what the machine does. */
  private boolean mayLook() {
    long since = System.nanoTime() - lookedAt;
    long pause = lookNanos * LOOK_SHARE;
    return since >= pause
        && (!fruitless || parts.budget().isAwaited() || since >= FRUITLESS.toNanos());
  }

  private long freeDownloads(long bytes, Refusals refusals) throws IOException {
    long freed = 0;
    Instant before = parts.clock().instant().minus(DOWNLOAD_IDLE);
    List<PartFiles.Leftover> left = List.of();
    try {
      left = parts.store().parts().leftovers(before);
    } catch (IOException e) {
      refusals.add(e);
    }
    for (PartFiles.Leftover download : left) {
      if (freed >= bytes) {
        break;
      }
      if (refusals.attempt(() -> parts.store().parts().discard(download.digest()))) {
        log.info("deleted unfinished download {} to free space", download.digest());
        parts.metrics().upkeep().evicted(UpkeepMeters.Reason.SIZE, download.bytes());
        freed += download.bytes();
      }
    }
    return freed;
  }

  /** More than is wanted now, so that the next rounds need no look. */
  private void look(long bytes) {
    long begun = System.nanoTime();
    parts.usage().flush();
    long wanted = Math.max(2 * bytes, parts.budget().limit() / LOOK_AHEAD_SHARE);
    Ranking.Result result =
        Ranking.of(
            parts.index(),
            parts.score(),
            parts.leases(),
            parts.pins(),
            wanted,
            parts.clock().millis());
    oldestUse = result.oldestUse();
    firstSpared = result.firstSpared();
    candidates = result.coldest().iterator();
    lookedAt = System.nanoTime();
    lookNanos = lookedAt - begun;
  }

  private long freeBlobs(long bytes, Set<Digest> tried, Refusals refusals) throws IOException {
    boolean awaited = parts.budget().isAwaited();
    long freed = 0;
    while (freed < bytes && candidates.hasNext()) {
      Ranking.Candidate coldest = candidates.next();
      if (tried.add(coldest.digest()) && refusals.attempt(() -> evict(coldest, awaited))) {
        freed += coldest.size();
      }
    }
    return freed;
  }

  private boolean evict(Ranking.Candidate coldest, boolean awaited) throws IOException {
    Digest digest = coldest.digest();
    boolean[] unused = {false};
    boolean gone =
        parts
            .store()
            .evict(
                digest,
                () -> {
                  unused[0] = true;
                  return forget(digest, awaited);
                });
    if (!gone) {
      metInUse |= !unused[0];
      return false;
    }
    parts.metrics().upkeep().evicted(UpkeepMeters.Reason.SIZE, coldest.size());
    log.info(
        "evicted blob {} of {} to free space: it was the least useful, last used {}",
        digest,
        Amounts.bytes(coldest.size()),
        PlainTime.ago(Duration.ofMillis(parts.clock().millis() - coldest.lastUse())));
    return true;
  }

  /** Under the blob's lock: no reader has opened it since. */
  private boolean forget(Digest digest, boolean awaited) {
    // In this order: what is not recent any more is in the index.
    if (parts.recent().isRecent(digest)
        || parts.pins().isBlobPinned(digest)
        || isLeased(digest, awaited)) {
      return false;
    }
    parts.apply().accept(List.of(Tables.BLOBS.delete(digest)));
    return true;
  }

  /** By what the index knows now; the candidates may come from a look some time ago. */
  private boolean isLeased(Digest digest, boolean awaited) {
    Optional<BlobRecord> blob = parts.index().get(Tables.BLOBS, digest);
    if (blob.isEmpty()) {
      return false;
    }
    long now = parts.clock().millis();
    long lastUse = UsageScore.lastUse(blob.get(), parts.index().get(Tables.BLOB_USAGE, digest));
    return awaited ? parts.leases().isInGrace(lastUse, now) : parts.leases().isLeased(lastUse, now);
  }

  /** Stops and waits; to be called before the store and the index are closed. */
  @Override
  public void close() {
    closed = true;
    changes.release();
    thread.awaitEnd();
  }
}
