package dev.breakwater.app;

import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.config.Config;
import dev.breakwater.gc.Du;
import dev.breakwater.gc.IndexSpace;
import dev.breakwater.gc.Pins;
import dev.breakwater.gc.Retentions;
import dev.breakwater.gc.Sweeper;
import dev.breakwater.gc.UsageScore;
import dev.breakwater.gc.UsageWriter;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.IndexException;
import dev.breakwater.index.OpenedIndex;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/** Store and index of a data directory that no server uses; its lock is held by the caller. */
public final class OfflineCache implements AutoCloseable {
  private final ClosingStack closing = new ClosingStack();
  private final BlobStore store;
  private final RocksIndex index;
  private final CachedIndex cached;
  private final Sweeper.Settings sweeping;

  private OfflineCache(Config config) throws IOException, StartupException {
    sweeping = ServedCache.sweeperSettings(config, false);
    Vertx vertx = Vertx.vertx();
    closing.push("event loops", () -> vertx.close().await());
    StorageLayout layout = new StorageLayout(config.data().directory());
    store = BlobStore.open(vertx, layout);
    closing.push("blob store", store::close);
    OpenedIndex opened = RocksIndex.open(layout.index());
    index = opened.index();
    cached = new CachedIndex(vertx, index, 1);
    closing.push("index", () -> cached.close().await());
    if (opened.fresh()) {
      close();
      throw new StartupException(
          "the index of "
              + layout.data()
              + " is lost or empty; 'breakwater fsck --repair' rebuilds it");
    }
  }

  /** Opens both; blocks. */
  public static OfflineCache open(Config config) throws StartupException {
    try {
      return new OfflineCache(config);
    } catch (IOException e) {
      throw unusable(config, DiskReason.withFile(e), e);
    } catch (IndexException e) {
      throw unusable(config, String.valueOf(e.getMessage()), e);
    }
  }

  private static StartupException unusable(Config config, String reason, Exception e) {
    return new StartupException(
        "the data directory " + config.data().directory() + " cannot be used: " + reason, e);
  }

  /** What it holds; blocks. */
  public DiskUsage diskUsage() {
    return Du.of(index, false);
  }

  /** Deletes unreferenced and idle content, or only counts it; blocks. */
  public SweepInfo sweep(boolean dryRun) {
    return sweeper().sweepNow(1, dryRun);
  }

  /** One that is not started. */
  private Sweeper sweeper() {
    RecentUse recent = new RecentUse();
    Metrics metrics = new Metrics(Version.text(), List.of());
    closing.push("metrics", metrics::close);
    return new Sweeper(
        new Sweeper.Parts(
            store,
            index,
            cached,
            recent,
            new UsageWriter(
                recent,
                index,
                UsageScore.DEFAULT,
                UsageWriter.Settings.DEFAULT,
                metrics.background()),
            new Retentions(cached, recent, Clock.systemUTC(), Pins.NONE, Retentions.Hosted.NONE),
            IndexSpace.Watched.UNBOUNDED,
            metrics,
            Clock.systemUTC()),
        sweeping,
        oldest -> {});
  }

  @Override
  public void close() {
    closing.close();
  }
}
