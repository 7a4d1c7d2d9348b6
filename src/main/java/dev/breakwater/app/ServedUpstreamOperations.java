package dev.breakwater.app;

import dev.breakwater.admin.UpstreamOperations;
import dev.breakwater.admin.api.UpstreamInfo;
import dev.breakwater.admin.api.UpstreamInfo.AccountInfo;
import dev.breakwater.admin.api.UpstreamInfo.BreakerInfo;
import dev.breakwater.admin.api.UpstreamList;
import dev.breakwater.mirror.PullThrough;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.HttpUpstreamRegistry;
import dev.breakwater.upstream.OfflineSwitch;
import dev.breakwater.upstream.UpstreamReport;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the admin API may do with the upstreams of a server that runs. Thread-safe. */
final class ServedUpstreamOperations implements UpstreamOperations {
  private final List<HttpUpstreamRegistry> upstreams;
  private final OfflineSwitch offline;
  private final PullThrough mirror;

  ServedUpstreamOperations(
      List<HttpUpstreamRegistry> upstreams, OfflineSwitch offline, PullThrough mirror) {
    this.upstreams = upstreams;
    this.offline = offline;
    this.mirror = mirror;
  }

  @Override
  public UpstreamList list() {
    return new UpstreamList(
        offline.isAllOffline(),
        upstreams.stream()
            .map(each -> info(each.zone(), offline.isOffline(each.zone()), each.report()))
            .toList());
  }

  static UpstreamInfo info(ZoneName zone, boolean offline, UpstreamReport report) {
    return new UpstreamInfo(
        zone.value(),
        offline,
        new BreakerInfo(
            report.breaker(ContentKind.MANIFEST),
            report.breaker(ContentKind.BLOB),
            report.breaker(ContentKind.TAGS),
            report.breaker(ContentKind.REFERRERS)),
        report.accounts().stream().map(ServedUpstreamOperations::info).toList(),
        report.tagTtlStretch());
  }

  private static AccountInfo info(UpstreamReport.Account account) {
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

  @Override
  public List<ZoneName> zones() {
    return upstreams.stream().map(HttpUpstreamRegistry::zone).toList();
  }

  @Override
  public void setAllOffline(boolean value) {
    offline.setAll(value);
  }

  @Override
  public void setOffline(ZoneName zone, boolean value) {
    offline.set(zone, value);
  }

  @Override
  public Future<Void> purge(ZoneName zone, RepositoryName repository, Optional<Tag> tag) {
    return mirror.purge(zone, repository, tag);
  }
}
