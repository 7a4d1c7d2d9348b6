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
 * One registry we fetch from. Every call is one logical request, with challenge, token, redirects
 * and the registry's mirrors handled inside; its future completes on the Vert.x context it was
 * called from, within the header time limit, and fails with {@link UpstreamException}. Nothing here
 * caches content or shares requests: that is the mirror's business.
 */
public interface UpstreamRegistry {
  /** The zone this registry feeds. */
  ZoneName zone();

  /** What to expect of it for that kind of thing; sends nothing and costs next to nothing. */
  UpstreamHealth health(ContentKind kind);

  /** Asks by HEAD, which Docker Hub does not count. */
  default Future<ManifestHead> headManifest(RepositoryName repository, Reference reference) {
    return headManifest(repository, reference, Optional.empty());
  }

  /**
   * Asks whether what it said before is still so, which registries can answer with a bare 304.
   *
   * @param before what it said; the result if that has not changed
   */
  Future<ManifestHead> headManifest(
      RepositoryName repository, Reference reference, Optional<ManifestHead> before);

  /**
   * Fetches a manifest: at most 4 MiB, verbatim, its computed digest equal to the announced and to
   * the asked one, its document well-formed and of its announced type.
   */
  Future<PulledManifest> getManifest(RepositoryName repository, Reference reference);

  /** Asks for a blob's size by HEAD; empty if the registry does not say. */
  Future<OptionalLong> headBlob(RepositoryName repository, Digest digest);

  /**
   * Opens a download. The transfer is paused: set its handlers, then resume it.
   *
   * @param first offset of the first byte wanted
   * @param last offset of the last byte wanted, or empty for all that follow
   */
  Future<BlobTransfer> openBlob(
      RepositoryName repository, Digest digest, long first, OptionalLong last);

  /** All tags of the repository, every page of them, sorted in byte order. */
  Future<List<Tag>> listTags(RepositoryName repository);

  /**
   * The whole listing of referrers, every page of it, at most 4 MiB; empty if the registry has no
   * such API: it answered 404 or the like, or 200 with something that is no image index.
   */
  Future<Optional<ReferrersIndex>> listReferrers(RepositoryName repository, Digest subject);
}
