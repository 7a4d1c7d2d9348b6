package dev.breakwater.app;

import dev.breakwater.admin.UpstreamOperations;
import dev.breakwater.admin.api.OfflineInfo;
import dev.breakwater.admin.api.PurgeInfo;
import dev.breakwater.admin.api.UpstreamList;
import dev.breakwater.mirror.PullThrough;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Zones;
import dev.breakwater.upstream.HttpUpstreamRegistry;
import dev.breakwater.upstream.OfflineSwitch;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** What the admin API may do with the upstreams of a server that runs. Thread-safe. */
record ServedUpstreamOperations(
    List<HttpUpstreamRegistry> upstreams, OfflineSwitch offlineSwitch, PullThrough mirror)
    implements UpstreamOperations {

  @Override
  public UpstreamList list() {
    return new UpstreamList(
        offlineSwitch.isAllOffline(),
        upstreams.stream().map(each -> each.report(offlineSwitch.isOffline(each.zone()))).toList());
  }

  @Override
  public List<ZoneName> zones() {
    return upstreams.stream().map(HttpUpstreamRegistry::zone).toList();
  }

  @Override
  public OfflineInfo offline() {
    return new OfflineInfo(
        offlineSwitch.isAllOffline(),
        zones().stream()
            .map(
                zone ->
                    new OfflineInfo.OfflineUpstream(
                        zone.value(),
                        offlineSwitch.isOffline(zone),
                        offlineSwitch.isOfflineByItself(zone)))
            .toList());
  }

  @Override
  public boolean setAllOffline(boolean value) {
    return offlineSwitch.setAll(value);
  }

  @Override
  public boolean setOffline(ZoneName zone, boolean value) {
    return offlineSwitch.set(zone, value);
  }

  @Override
  public RepositoryName nameIn(ZoneName zone, RepositoryName asked) {
    return Zones.nameIn(zone, asked);
  }

  @Override
  public Future<PurgeInfo> purge(ZoneName zone, RepositoryName repository, Optional<Tag> tag) {
    return mirror.purge(zone, repository, tag);
  }
}
