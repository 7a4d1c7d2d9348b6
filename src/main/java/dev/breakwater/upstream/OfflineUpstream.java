package dev.breakwater.upstream;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.ReferrersIndex;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A registry that is not asked while the operator says so ({@code offline}): what is cached is
 * served then, everything else fails at once.
 *
 * @param registry who is asked otherwise
 * @param offline what the operator says
 */
public record OfflineUpstream(UpstreamRegistry registry, OfflineSwitch offline)
    implements UpstreamRegistry {
  @Override
  public ZoneName zone() {
    return registry.zone();
  }

  @Override
  public UpstreamHealth health(ContentKind kind) {
    return isOffline() ? UpstreamHealth.bad(false, UpstreamOutcome.OFFLINE) : registry.health(kind);
  }

  @Override
  public Future<ManifestHead> headManifest(
      RepositoryName repository, Reference reference, Optional<ManifestHead> before) {
    return isOffline() ? refusal() : registry.headManifest(repository, reference, before);
  }

  @Override
  public Future<PulledManifest> getManifest(RepositoryName repository, Reference reference) {
    return isOffline() ? refusal() : registry.getManifest(repository, reference);
  }

  @Override
  public Future<OptionalLong> headBlob(RepositoryName repository, Digest digest) {
    return isOffline() ? refusal() : registry.headBlob(repository, digest);
  }

  @Override
  public Future<BlobTransfer> openBlob(
      RepositoryName repository, Digest digest, long first, OptionalLong last) {
    return isOffline() ? refusal() : registry.openBlob(repository, digest, first, last);
  }

  @Override
  public Future<List<Tag>> listTags(RepositoryName repository) {
    return isOffline() ? refusal() : registry.listTags(repository);
  }

  @Override
  public Future<Optional<ReferrersIndex>> listReferrers(RepositoryName repository, Digest subject) {
    return isOffline() ? refusal() : registry.listReferrers(repository, subject);
  }

  private boolean isOffline() {
    return offline.isOffline(zone());
  }

  private <T> Future<T> refusal() {
    return Future.failedFuture(
        new UpstreamException(
            UpstreamOutcome.OFFLINE,
            zone() + " is not asked, because the operator has switched it offline",
            null));
  }
}
