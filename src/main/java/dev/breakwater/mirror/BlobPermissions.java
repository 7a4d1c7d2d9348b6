package dev.breakwater.mirror;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which blobs may be read through an upstream repository, and what is known of them without their
 * bytes: from the index, else by a question to upstream.
 */
final class BlobPermissions {
  private final PullThrough mirror;
  private final BlobSource source;
  private final ZoneName zone;
  private final RepositoryName name;

  BlobPermissions(PullThrough mirror, BlobSource source) {
    this.mirror = mirror;
    this.source = source;
    this.zone = source.upstream().zone();
    this.name = source.repository();
  }

  /** The link to the blob, if there is one. */
  Future<Optional<LinkRecord>> link(Digest digest) {
    return mirror.index().get(Tables.LINKS, new InRepository<>(zone, name, digest));
  }

  /**
   * The manifest that has this digest, if it is here: as a blob it has the same type, for some
   * clients note the type that they get first. What a manifest names as its blob is no manifest.
   */
  Future<Optional<Manifest>> manifest(Digest digest, Optional<LinkRecord> link) {
    boolean isBlob = link.isPresent() && !link.get().mediaType().equals(MediaType.OCTET_STREAM);
    return isBlob
        ? Future.succeededFuture(Optional.empty())
        : mirror.index().get(Tables.MANIFESTS, new InRepository<>(zone, name, digest));
  }

  /**
   * Succeeds, with what is said of the size or -1, if the blob may be read through this repository:
   * by the link, which may have come with a download that ended meanwhile, or by upstream's word.
   */
  Future<Long> permitted(Digest digest, Optional<LinkRecord> link) {
    return link.isPresent()
        ? Future.succeededFuture(link.get().size())
        : refuseKnownAbsent(digest)
            .compose(ignored -> sizeByUpstream(digest))
            .map(size -> size.orElse(-1));
  }

  /**
   * Asks upstream without a download; a "yes" is the link. The size that comes with it is not
   * stored: it is not proven, and a wrong one would be believed for good.
   */
  Future<OptionalLong> sizeByUpstream(Digest digest) {
    return mirror
        .absent()
        .refuseKnown(zone, name, NegativeCache.Asked.BLOB_HEAD, digest)
        .compose(ignored -> mirror.askForBlob(source, digest))
        .onFailure(failure -> remember(NegativeCache.Asked.BLOB_HEAD, digest, failure))
        .compose(size -> keepLink(digest).map(size));
  }

  private Future<Void> keepLink(Digest digest) {
    return link(digest)
        .compose(
            link ->
                link.isPresent()
                    ? Future.succeededFuture()
                    : mirror.remember(
                        List.of(
                            Tables.LINKS.put(
                                new InRepository<>(zone, name, digest),
                                new LinkRecord(MediaType.OCTET_STREAM, -1)))));
  }

  /** Fails if upstream has just refused to send the blob. */
  Future<Void> refuseKnownAbsent(Digest digest) {
    return mirror.absent().refuseKnown(zone, name, NegativeCache.Asked.BLOB, digest);
  }

  /** A download of the blob has failed with this. */
  void refused(Digest digest, Throwable failure) {
    remember(NegativeCache.Asked.BLOB, digest, failure);
  }

  private void remember(NegativeCache.Asked asked, Digest digest, Throwable failure) {
    mirror.absent().remember(zone, name, asked, digest, failure);
  }
}
