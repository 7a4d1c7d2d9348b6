package dev.breakwater.gc;

import dev.breakwater.index.Change;
import dev.breakwater.index.Index;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.storage.BlobCheck;
import dev.breakwater.storage.BlobStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings index and store together after a start, on a thread of its own beside the server: entries
 * without files are dropped, files without entries adopted once they are hashed, an index that was
 * lost is filled again, and the leavings of downloads that cannot go on are removed. Files that are
 * not ours are reported and left alone. A request never waits for it: the disk decides what is
 * here, whatever the index says. Nothing may be collected as garbage before it is {@link #isDone}.
 */
public final class Reconcile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reconcile.class);
  private static final int MAX_LINES = 20;

  private final BlobStore store;
  private final Index index;
  private final boolean lost;
  private final Settings settings;
  private final Metrics metrics;
  private final CountDownLatch done = new CountDownLatch(1);
  private final BackgroundThread thread;

  /**
   * What it needs to know of its environment.
   *
   * @param clock for the entries it makes
   * @param retry the longest pause before another try when disk or index fail
   * @param apply makes changes to the index so that the request path knows of them; blocking
   * @param whenComplete called once the index has everything
   */
  public record Settings(
      Clock clock, Duration retry, Consumer<List<Change>> apply, Runnable whenComplete) {}

  private Reconcile(
      BlobStore store, Index index, boolean lost, Settings settings, Metrics metrics) {
    this.store = store;
    this.index = index;
    this.lost = lost;
    this.settings = settings;
    this.metrics = metrics;
    this.thread =
        new BackgroundThread("reconcile", settings.retry(), metrics.background(), this::run);
  }

  /**
   * Starts it.
   *
   * @param index to read; it is changed by way of {@code settings} only
   * @param lost whether the index lacks what the store holds
   */
  public static Reconcile start(
      BlobStore store, Index index, boolean lost, Settings settings, Metrics metrics) {
    Reconcile reconcile = new Reconcile(store, index, lost, settings, metrics);
    metrics.gauge(
        "reconcile_done",
        "Whether files and index have been compared since the start (1) or not yet (0).",
        () -> reconcile.isDone() ? 1 : 0);
    reconcile.thread.start();
    return reconcile;
  }

  /** Whether index and store are known to agree. */
  public boolean isDone() {
    return done.getCount() == 0;
  }

  private String result(ReconcilePass.Summary summary) {
    if (!lost) {
      return summary.findings() + " differences";
    }
    return summary.blobs() == 0 ? "the cache is new and empty" : "the index was rebuilt";
  }

  /** Waits until it is done or has been closed. */
  public void join() throws InterruptedException {
    thread.join();
  }

  private void run() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    ReconcilePass.Summary summary = pass().run();
    settings.whenComplete().run();
    log.info(
        "compared the files of {} blobs with the index in {} ms: {}",
        summary.blobs(),
        (System.nanoTime() - begun) / 1_000_000,
        result(summary));
    done.countDown();
  }

  private ReconcilePass pass() {
    return new ReconcilePass(
        store.inventory(),
        store.check(BlobCheck.Pacing.NONE),
        index,
        FsckRepairs.of(store, settings.apply()),
        new ReconcilePass.Depth(lost, false),
        settings.clock(),
        new Report());
  }

  /** To the log, but no flood of it. */
  private final class Report implements Consumer<FsckFinding> {
    private int lines;

    @Override
    public void accept(FsckFinding finding) {
      metrics.upkeep().reconciled(finding.kind().label());
      lines++;
      if (lines <= MAX_LINES) {
        log.warn("{}", finding.line(true));
      } else if (lines == MAX_LINES + 1) {
        log.warn(
            "further differences are not logged; 'breakwater fsck' lists all of them while no"
                + " server runs");
      }
    }
  }

  /** Stops it and waits; to be called before store and index are closed. */
  @Override
  public void close() {
    thread.stop();
  }
}
