package dev.breakwater.app;

import dev.breakwater.config.Config;
import dev.breakwater.gc.Eviction;
import dev.breakwater.gc.IndexSpace;
import dev.breakwater.gc.Leases;
import dev.breakwater.gc.Pins;
import dev.breakwater.gc.Reconcile;
import dev.breakwater.gc.Retentions;
import dev.breakwater.gc.Scrub;
import dev.breakwater.gc.ScrubHealer;
import dev.breakwater.gc.ScrubHealing;
import dev.breakwater.gc.ScrubState;
import dev.breakwater.gc.Sweeper;
import dev.breakwater.gc.UsageScore;
import dev.breakwater.gc.UsageWriter;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.index.Index;
import dev.breakwater.index.IndexException;
import dev.breakwater.index.OpenedIndex;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.DiskStanding;
import dev.breakwater.storage.StorageLayout;
import dev.breakwater.storage.Volume;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache in the data directory while a server runs: files, index, the bound on both, and all
 * that works on them in the background. What is opened goes onto the stack that the caller closes.
 */
final class ServedCache {
  /** The index may take one part in so many of the cache before idle entries go earlier. */
  private static final long INDEX_SHARE = 4;

  private static final Logger log = LoggerFactory.getLogger(ServedCache.class);
  private static final int INDEX_THREADS = 4;
  private static final Duration RECONCILE_RETRY = Duration.ofMinutes(1);
  private static final Duration SCRUB_EVERY = Duration.ofDays(1);

  private final Config config;
  private final Clock clock;
  private final Metrics metrics;
  private final ClosingStack closing;
  private final StorageLayout layout;
  private final BlobStore store;
  private final RocksIndex facts;
  private final boolean fresh;
  private final boolean isNew;
  private final CachedIndex index;
  private final DiskBudget budget;
  private final RecentUse recent = new RecentUse();
  private final Retentions retentions;
  private final Sweeper sweeper;

  /** Opens it, with what makes room in it at work; what deletes for other reasons waits. Blocks. */
  ServedCache(Config config, Clock clock, Vertx vertx, Metrics metrics, ClosingStack closing)
      throws StartupException {
    this.config = config;
    this.clock = clock;
    this.metrics = metrics;
    this.closing = closing;
    layout = new StorageLayout(config.data().directory());
    store = openStore(vertx, layout, closing);
    OpenedIndex opened = openIndex(layout);
    facts = opened.index();
    fresh = opened.fresh();
    index = new CachedIndex(vertx, facts, INDEX_THREADS);
    closing.pushAwaited("index", index::close);
    // Before anything deletes: what is there is counted once.
    budget = openBudget(config, store);
    isNew = fresh && budget.content() == 0;
    CacheGauges.disk(metrics, store, budget, facts);
    CacheGauges.index(metrics, facts, index);
    UsageWriter usage =
        new UsageWriter(
            recent, facts, UsageScore.DEFAULT, UsageWriter.Settings.DEFAULT, metrics.background());
    closing.push("usage", usage::close);
    usage.start();
    retentions = new Retentions(index, recent, clock, Pins.NONE, Retentions.Hosted.NONE);
    if (!fresh) {
      retentions.readLinks(facts);
    }
    Eviction eviction = startEviction(usage);
    sweeper = sweeper(usage, eviction);
  }

  private static BlobStore openStore(Vertx vertx, StorageLayout layout, ClosingStack closing)
      throws StartupException {
    try {
      BlobStore store = BlobStore.open(vertx, layout);
      closing.push("blob store", store::close);
      return store;
    } catch (IOException e) {
      throw new StartupException(
          "the data directory "
              + layout.data()
              + " cannot be used ("
              + DiskReason.withFile(e)
              + "); make it writable or give another one with --data",
          e);
    }
  }

  private static OpenedIndex openIndex(StorageLayout layout) throws StartupException {
    try {
      return RocksIndex.open(layout.index());
    } catch (IndexException e) {
      throw new StartupException("the index cannot be opened: " + e.getMessage(), e);
    }
  }

  private static DiskBudget openBudget(Config config, BlobStore store) throws StartupException {
    try {
      Volume volume = store.volume();
      long total = volume.totalBytes();
      CacheSize.warnings(config.cache(), total).forEach(log::warn);
      DiskBudget budget =
          DiskBudget.ofEverything(
              config.cache().maxSize().bytesOf(total),
              config.cache().minFree().bytesOf(total),
              volume.contentBytes(),
              volume::usableBytes,
              volume::otherBytes);
      store.whenFreed(budget::freed);
      return budget;
    } catch (IOException e) {
      throw new StartupException(
          "the size of the cache in "
              + config.data().directory()
              + " cannot be measured ("
              + DiskReason.withFile(e)
              + "); check the disk",
          e);
    }
  }

  private Eviction startEviction(UsageWriter usage) {
    Eviction eviction =
        new Eviction(
            new Eviction.Parts(
                budget,
                store,
                facts,
                this::apply,
                recent,
                usage,
                UsageScore.DEFAULT,
                new Leases(config.cache().evictionGrace()),
                retentions.pinsAndHosted(),
                metrics,
                clock));
    closing.push("eviction", eviction::close);
    eviction.start();
    metrics.gauge(
        "cache_oldest_access_age_seconds",
        "Time since the least recently used blob was used.",
        () -> eviction.oldestAccess().toMillis() / 1e3);
    return eviction;
  }

  private Sweeper sweeper(UsageWriter usage, Eviction eviction) {
    Sweeper made =
        new Sweeper(
            new Sweeper.Parts(
                store,
                facts,
                index,
                recent,
                usage,
                retentions,
                new IndexSpace.Watched(
                    facts::tableBytes, () -> budget.limit() / INDEX_SHARE, facts::compact),
                metrics,
                clock),
            sweeperSettings(config, true),
            eviction::sawOldestUse);
    closing.push("sweeper", made::close);
    return made;
  }

  /** When and how fast the sweeper works, with a server or without one. */
  static Sweeper.Settings sweeperSettings(Config config, boolean rests) {
    return new Sweeper.Settings(
        config.gc().interval(), config.gc().grace(), config.cache().maxIdle(), rests);
  }

  /**
   * Begins to read all blobs again and again.
   *
   * @param healer fetches those again that are damaged
   */
  Scrub startScrub(DataDirectoryLock lock, ScrubHealer healer) {
    ScrubHealing healing = ScrubHealing.start(store, facts, this::apply, healer, metrics);
    closing.push("healing", healing::close);
    Scrub scrub =
        Scrub.start(
            store,
            healing,
            scrubState(lock),
            new Scrub.Settings(config.scrub().rate().bytesPerSecond(), SCRUB_EVERY, clock, layout),
            metrics);
    closing.push("scrub", scrub::close);
    return scrub;
  }

  /**
   * After a crash everything is doubted, until it has been read, however many starts that takes.
   */
  private ScrubState scrubState(DataDirectoryLock lock) {
    try {
      ScrubState kept = ScrubState.read(layout);
      if (!lock.isAfterCrash()) {
        return kept;
      }
      log.info("unclean stop: verifying blobs as they are served");
      ScrubState doubting = kept.doubting(clock.millis());
      doubting.write(layout);
      lock.settled();
      return doubting;
    } catch (IOException e) {
      log.warn(
          "the progress of the check for disk damage cannot be read or saved: {}",
          DiskReason.of(e));
      return ScrubState.doubtingAll(clock.millis());
    }
  }

  /** Begins to compare files and index and, once they agree, to sweep. */
  void startReconcile() {
    Reconcile.Settings settings =
        new Reconcile.Settings(
            clock, RECONCILE_RETRY, this::apply, fresh ? this::rebuilt : () -> {});
    Reconcile reconcile = Reconcile.start(store, facts, fresh, settings, metrics);
    closing.push("reconcile", reconcile::close);
    sweeper.start(reconcile::isDone);
  }

  private void rebuilt() {
    facts.rebuilt();
    retentions.readLinks(facts);
  }

  /** So that the request path knows of it; blocks. */
  private void apply(List<Change> changes) {
    index.apply(changes).await();
  }

  BlobStore store() {
    return store;
  }

  /** What the cache can grow to now, in bytes; blocks for a look at the file system. */
  long effectiveLimit() {
    return budget.standing().map(DiskStanding::effectiveLimit).orElse(budget.limit());
  }

  DiskBudget budget() {
    return budget;
  }

  RecentUse recent() {
    return recent;
  }

  Sweeper sweeper() {
    return sweeper;
  }

  /** Whether nothing was ever kept here, as far as the data directory tells. */
  boolean isNew() {
    return isNew;
  }

  /** The index that the request path asks. */
  CachedIndex index() {
    return index;
  }

  /** The same index as it is on disk; its calls block. */
  Index facts() {
    return facts;
  }
}
