package dev.breakwater.app;

import dev.breakwater.admin.CacheOperations;
import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.DownloadList;
import dev.breakwater.admin.api.ScrubInfo;
import dev.breakwater.admin.api.SweepStatus;
import dev.breakwater.gc.Du;
import dev.breakwater.gc.Scrub;
import dev.breakwater.mirror.download.Downloads;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Objects;

/** What the admin API may do with the cache of a server that runs. Thread-safe. */
final class ServedCacheOperations implements CacheOperations {
  private final Vertx vertx;
  private final ServedCache cache;
  private final Downloads downloads;
  private final Scrub scrub;

  ServedCacheOperations(Vertx vertx, ServedCache cache, Downloads downloads, Scrub scrub) {
    this.vertx = vertx;
    this.cache = cache;
    this.downloads = downloads;
    this.scrub = scrub;
  }

  @Override
  public DownloadList downloads() {
    return new DownloadList(downloads.list());
  }

  @Override
  public ScrubInfo scrub() {
    return scrub.status();
  }

  @Override
  public boolean startScrub() {
    return scrub.request();
  }

  @Override
  public SweepStatus sweeps() {
    return cache.sweeper().status();
  }

  @Override
  public long startSweep(boolean dryRun) {
    return cache.sweeper().request(dryRun);
  }

  @Override
  public Future<DiskUsage> diskUsage() {
    return vertx
        .executeBlocking(() -> Du.of(cache.facts(), true), false)
        .map(usage -> Objects.requireNonNull(usage));
  }
}
