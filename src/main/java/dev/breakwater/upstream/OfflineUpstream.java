package dev.breakwater.upstream;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A registry that is never asked ({@code cache.offline}): what is cached is served, everything else
 * fails at once.
 *
 * @param zone the zone it would feed
 */
public record OfflineUpstream(ZoneName zone) implements UpstreamRegistry {
  @Override
  public Outlook outlook(ContentKind kind) {
    return Outlook.bad(false, UpstreamOutcome.OFFLINE);
  }

  @Override
  public Future<ManifestHead> headManifest(RepositoryName repository, Reference reference) {
    return refusal();
  }

  @Override
  public Future<Manifest> getManifest(RepositoryName repository, Reference reference) {
    return refusal();
  }

  @Override
  public Future<OptionalLong> headBlob(RepositoryName repository, Digest digest) {
    return refusal();
  }

  @Override
  public Future<BlobTransfer> openBlob(
      RepositoryName repository, Digest digest, long first, OptionalLong last) {
    return refusal();
  }

  @Override
  public Future<List<Tag>> listTags(RepositoryName repository) {
    return refusal();
  }

  @Override
  public Future<Optional<ReferrersAnswer>> listReferrers(
      RepositoryName repository, Digest subject, Optional<String> artifactType) {
    return refusal();
  }

  private <T> Future<T> refusal() {
    return Future.failedFuture(
        new UpstreamException(
            UpstreamOutcome.OFFLINE,
            "this mirror is offline (cache.offline) and does not ask " + zone,
            null));
  }
}
