package dev.breakwater.app;

import dev.breakwater.admin.UpstreamOperations;
import dev.breakwater.admin.api.UpstreamList;
import dev.breakwater.mirror.PullThrough;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.HttpUpstreamRegistry;
import dev.breakwater.upstream.OfflineSwitch;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** What the admin API may do with the upstreams of a server that runs. Thread-safe. */
record ServedUpstreamOperations(
    List<HttpUpstreamRegistry> upstreams, OfflineSwitch offline, PullThrough mirror)
    implements UpstreamOperations {

  @Override
  public UpstreamList list() {
    return new UpstreamList(
        offline.isAllOffline(),
        upstreams.stream().map(each -> each.report(offline.isOffline(each.zone()))).toList());
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
