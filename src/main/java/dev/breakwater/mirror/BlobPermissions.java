package dev.breakwater.mirror;

import dev.breakwater.index.LinkRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.upstream.SingleFlight;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which blobs may be read through an upstream repository, and what is known of them without their
 * bytes: from the index, else by a question to upstream.
 */
record BlobPermissions(
    UpstreamRepository upstream,
    RepositoryIndex index,
    SingleFlight<RepositoryReference, OptionalLong> heads) {

  /**
   * The manifest that has this digest, if it is here: as a blob it has the same type, for some
   * clients note the type that they get first. What a manifest names as its blob is no manifest.
   */
  Future<Optional<Manifest>> manifest(Digest digest, Optional<LinkRecord> link) {
    boolean isBlob = link.isPresent() && !link.get().mediaType().equals(MediaType.OCTET_STREAM);
    return isBlob ? Future.succeededFuture(Optional.empty()) : index.manifest(digest);
  }

  /**
   * Succeeds, with what is said of the size or -1, if the blob may be read through this repository:
   * by the link, which may have come with a download that ended meanwhile, or by upstream's word.
   */
  Future<Long> permitted(Digest digest, Optional<LinkRecord> link) {
    return link.isPresent()
        ? Future.succeededFuture(link.get().size())
        : upstream
            .refuseKnown(NegativeCache.Asked.BLOB, digest)
            .compose(ignored -> sizeByUpstream(digest))
            .map(size -> size.orElse(-1));
  }

  /**
   * Asks upstream without a download, one request for all that wait; a "yes" is the link. The size
   * that comes with it is not stored: it is not proven, and a wrong one would be believed for good.
   */
  Future<OptionalLong> sizeByUpstream(Digest digest) {
    return upstream
        .refuseKnown(NegativeCache.Asked.BLOB_HEAD, digest)
        .compose(
            ignored ->
                heads.join(
                    upstream.reference(digest),
                    () ->
                        upstream.guess(() -> upstream.registry().headBlob(upstream.name(), digest)),
                    size -> size))
        .onFailure(failure -> upstream.failed(NegativeCache.Asked.BLOB_HEAD, digest, failure))
        .compose(size -> keepLink(digest).map(size));
  }

  private Future<Void> keepLink(Digest digest) {
    return index
        .link(digest)
        .compose(
            link ->
                link.isPresent()
                    ? Future.succeededFuture()
                    : index.put(digest, new LinkRecord(MediaType.OCTET_STREAM, -1)));
  }
}
