package dev.breakwater.app;

import dev.breakwater.admin.CacheOperations;
import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.DownloadInfo;
import dev.breakwater.admin.api.DownloadList;
import dev.breakwater.admin.api.ScrubInfo;
import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.admin.api.SweepStatus;
import dev.breakwater.gc.Du;
import dev.breakwater.gc.Scrub;
import dev.breakwater.gc.ScrubStatus;
import dev.breakwater.gc.SweepReport;
import dev.breakwater.gc.Sweeper;
import dev.breakwater.mirror.download.Downloads;
import dev.breakwater.mirror.download.LiveDownload;
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
    return new DownloadList(downloads.list().stream().map(ServedCacheOperations::info).toList());
  }

  static DownloadInfo info(LiveDownload download) {
    return new DownloadInfo(
        download.digest(),
        download.upstream(),
        download.repository(),
        download.size(),
        download.received(),
        download.followers(),
        download.segments(),
        download.prefetch(),
        download.cached(),
        download.seconds());
  }

  @Override
  public ScrubInfo scrub() {
    return info(scrub.status());
  }

  static ScrubInfo info(ScrubStatus status) {
    return new ScrubInfo(
        status.state(),
        status.bytesPerSecond(),
        status.began(),
        status.position(),
        status.blobs(),
        status.bytes(),
        status.damaged(),
        status.healed(),
        status.doubted());
  }

  @Override
  public boolean startScrub() {
    return scrub.request();
  }

  @Override
  public SweepStatus sweeps() {
    Sweeper.Status status = cache.sweeper().status();
    return new SweepStatus(
        status.running().orElse(0L), status.last().map(ServedCacheOperations::info).orElse(null));
  }

  @Override
  public long startSweep(boolean dryRun) {
    return cache.sweeper().request(dryRun);
  }

  @Override
  public Future<DiskUsage> diskUsage() {
    return vertx
        .executeBlocking(() -> info(Du.of(cache.facts(), true)), false)
        .map(usage -> Objects.requireNonNull(usage));
  }

  static SweepInfo info(SweepReport report) {
    return new SweepInfo(
        report.id(),
        report.dryRun(),
        report.outcome(),
        report.startedAt(),
        report.seconds(),
        report.manifests(),
        report.tags(),
        report.referrers(),
        report.links(),
        report.blobs(),
        report.blobBytes(),
        report.downloads(),
        report.downloadBytes(),
        report.waiting(),
        report.kept());
  }

  static DiskUsage info(Du du) {
    return new DiskUsage(
        du.zones().stream()
            .map(
                zone ->
                    new DiskUsage.ZoneUsage(
                        zone.name(),
                        zone.repositories(),
                        zone.links(),
                        zone.logicalBytes(),
                        zone.distinctBytes()))
            .toList(),
        du.blobs(),
        du.blobBytes(),
        du.logicalBytes());
  }
}
