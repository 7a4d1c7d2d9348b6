package dev.breakwater.app;

import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.DownloadInfo;
import dev.breakwater.admin.api.PurgeInfo;
import dev.breakwater.admin.api.ScrubInfo;
import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.admin.api.UpstreamInfo;
import dev.breakwater.admin.api.UpstreamInfo.AccountInfo;
import dev.breakwater.admin.api.UpstreamInfo.BreakerInfo;
import dev.breakwater.gc.Du;
import dev.breakwater.gc.ScrubStatus;
import dev.breakwater.gc.SweepReport;
import dev.breakwater.mirror.Purged;
import dev.breakwater.mirror.download.LiveDownload;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.UpstreamReport;
import org.jspecify.annotations.Nullable;

/** What the parts tell of themselves, as documents of the admin API. */
final class AdminDocuments {
  private AdminDocuments() {}

  static DownloadInfo of(LiveDownload download) {
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

  static ScrubInfo of(ScrubStatus status) {
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

  static SweepInfo of(SweepReport report) {
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

  static DiskUsage of(Du du) {
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

  static PurgeInfo of(RepositoryName repository, Purged purged) {
    return new PurgeInfo(
        repository.value(),
        purged.tags(),
        purged.refusals(),
        purged.listings(),
        purged.downloads());
  }

  static UpstreamInfo of(ZoneName zone, boolean offline, UpstreamReport report) {
    return new UpstreamInfo(
        zone.value(),
        offline,
        new BreakerInfo(
            report.breaker(ContentKind.MANIFEST),
            report.breaker(ContentKind.BLOB),
            report.breaker(ContentKind.TAGS),
            report.breaker(ContentKind.REFERRERS)),
        report.accounts().stream().map(AdminDocuments::of).toList(),
        report.tagTtlStretch());
  }

  private static AccountInfo of(UpstreamReport.Account account) {
    UpstreamReport.@Nullable Pulls pulls = account.pulls().orElse(null);
    return new AccountInfo(
        account.name(),
        pulls == null ? null : pulls.limit(),
        pulls == null ? null : pulls.remaining(),
        pulls == null ? null : pulls.window().toSeconds(),
        pulls == null ? null : pulls.countedFor(),
        pulls == null ? null : pulls.exhaustedInSeconds().orElse(null),
        account.paused().toSeconds(),
        account.suspended());
  }
}
