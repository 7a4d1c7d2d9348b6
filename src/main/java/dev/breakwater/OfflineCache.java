package dev.breakwater;

import dev.breakwater.gc.IndexSpace;
import dev.breakwater.gc.Pins;
import dev.breakwater.gc.Sweeper;
import dev.breakwater.gc.UsageScore;
import dev.breakwater.gc.UsageWriter;
import dev.breakwater.index.CacheLimits;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Index;
import dev.breakwater.index.IndexException;
import dev.breakwater.index.OpenedIndex;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** Store and index of a data directory that no server uses; its lock is held by the caller. */
final class OfflineCache implements AutoCloseable {
  private final ClosingStack closing = new ClosingStack();
  private final BlobStore store;
  private final RocksIndex index;
  private final CachedIndex cached;

  private OfflineCache(Path data) throws IOException, StartupException {
    Vertx vertx = Vertx.vertx();
    closing.push("event loops", () -> vertx.close().await());
    StorageLayout layout = new StorageLayout(data);
    store = BlobStore.open(vertx, layout);
    closing.push("blob store", store::close);
    OpenedIndex opened = RocksIndex.open(layout.index());
    index = opened.index();
    cached = new CachedIndex(vertx, index, CacheLimits.DEFAULT, 1);
    closing.push("index", () -> cached.close().await());
    if (opened.fresh()) {
      close();
      throw new StartupException(
          "the index of " + data + " is lost or empty; 'breakwater fsck --repair' makes it anew");
    }
  }

  /** Opens both. */
  static OfflineCache open(Path data) throws StartupException {
    try {
      return new OfflineCache(data);
    } catch (IOException | IndexException e) {
      throw new StartupException(
          "the data directory " + data + " cannot be used: " + e.getMessage(), e);
    }
  }

  Index index() {
    return index;
  }

  /** A sweeper that is not started. */
  Sweeper sweeper(Sweeper.Settings settings) {
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
            Pins.NONE,
            IndexSpace.Watched.UNBOUNDED,
            metrics,
            Clock.systemUTC()),
        settings,
        oldest -> {});
  }

  @Override
  public void close() {
    closing.close();
  }
}
