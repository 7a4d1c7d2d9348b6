package dev.breakwater.mirror;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.IndexChange;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Blobs;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.storage.BlobFile;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The blobs of an upstream repository: from the store, or from the one download under way. Bytes
 * are shared by digest; the permission to read them is the repository's own link, made when a
 * manifest of this repository named the blob or upstream served it from here.
 */
final class PullThroughBlobs implements Blobs {
  private final PullThrough mirror;
  private final BlobSource source;
  private final ZoneName zone;
  private final RepositoryName name;

  PullThroughBlobs(PullThrough mirror, BlobSource source) {
    this.mirror = mirror;
    this.source = source;
    this.zone = source.upstream().zone();
    this.name = source.repository();
  }

  @Override
  public Future<Served<Long>> stat(Digest digest) {
    return permitted(digest)
        .compose(link -> sizeOf(digest, link))
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  @Override
  public Future<Served<BlobBody>> open(Digest digest, Optional<RangeRequest> range) {
    return find(digest, range)
        .recover(failure -> isPassing(failure) ? find(digest, range) : Future.failedFuture(failure))
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  /** The fill ended, or stopped for want of clients, just when we came: look once more. */
  private static boolean isPassing(Throwable failure) {
    return failure instanceof FillOver
        || (failure instanceof UpstreamException upstream
            && upstream.outcome() == UpstreamOutcome.CANCELLED);
  }

  private Future<Served<BlobBody>> find(Digest digest, Optional<RangeRequest> range) {
    return mirror
        .index()
        .link(zone, name, digest)
        .compose(
            link ->
                link.isPresent()
                    ? linked(digest, link.get().size(), range)
                    : unlinked(digest, range));
  }

  /** The disk decides: a file that is gone is fetched again, one the index forgot is taken back. */
  private Future<Served<BlobBody>> linked(Digest digest, long size, Optional<RangeRequest> range) {
    return mirror
        .store()
        .open(digest)
        .compose(file -> stored(digest, file))
        .recover(
            failure ->
                failure instanceof NoSuchFileException
                    ? forget(digest).compose(ignored -> fill(digest, size, range))
                    : Future.failedFuture(failure));
  }

  private Future<Served<BlobBody>> stored(Digest digest, BlobFile file) {
    Served<BlobBody> body = new Served<>(new StoredBody(digest, file), Provenance.HIT);
    return mirror
        .index()
        .blob(digest)
        .compose(
            known ->
                known.isPresent()
                    ? Future.succeededFuture(body)
                    : mirror
                        .index()
                        .apply(
                            List.of(
                                new IndexChange.PutBlob(
                                    digest, new BlobRecord(file.size(), mirror.freshness().now()))))
                        .map(body))
        .onFailure(failure -> body.value().close());
  }

  private Future<Void> forget(Digest digest) {
    return mirror
        .index()
        .blob(digest)
        .compose(
            known ->
                known.isEmpty()
                    ? Future.succeededFuture()
                    : mirror.index().apply(List.of(new IndexChange.DeleteBlob(digest))));
  }

  /**
   * Nobody has shown yet that this repository has the blob. If it is here all the same, through
   * another repository, upstream is asked by HEAD whether it may be read through this one.
   */
  private Future<Served<BlobBody>> unlinked(Digest digest, Optional<RangeRequest> range) {
    Optional<BlobSource> filling = mirror.fills().sourceOf(digest);
    if (filling.isPresent() && filling.get().equals(source)) {
      return fill(digest, -1, range);
    }
    return mirror
        .store()
        .isStored(digest)
        .compose(
            stored ->
                stored || filling.isPresent()
                    ? permitted(digest).compose(link -> linked(digest, link.size(), range))
                    : fill(digest, -1, range));
  }

  private Future<Served<BlobBody>> fill(Digest digest, long size, Optional<RangeRequest> range) {
    return refuseKnownAbsent(digest)
        .compose(ignored -> mirror.fills().join(digest, source, size, range))
        .map(
            joined ->
                new Served<BlobBody>(
                    joined.follower(), joined.began() ? Provenance.MISS : Provenance.COALESCED));
  }

  /** The link, which may have come with a download that ended meanwhile; else upstream's word. */
  private Future<LinkRecord> permitted(Digest digest) {
    return mirror
        .index()
        .link(zone, name, digest)
        .compose(
            link ->
                link.isPresent() && link.get().size() >= 0
                    ? Future.succeededFuture(link.get())
                    : linkedByUpstream(digest));
  }

  private Future<Served<Long>> sizeOf(Digest digest, LinkRecord link) {
    return mirror.index().blob(digest).compose(blob -> sizeOf(blob, link, digest));
  }

  private Future<Served<Long>> sizeOf(Optional<BlobRecord> blob, LinkRecord link, Digest digest) {
    if (blob.isPresent()) {
      return Future.succeededFuture(new Served<>(blob.get().size(), Provenance.HIT));
    }
    if (link.size() < 0) {
      return Future.failedFuture(
          new UpstreamException(
              UpstreamOutcome.INVALID, source + " does not tell the size of " + digest, null));
    }
    return Future.succeededFuture(
        new Served<>(link.size(), new Provenance(CacheResult.MISS, -1, 200, null)));
  }

  /** Asks by HEAD; a "yes" is the link. */
  private Future<LinkRecord> linkedByUpstream(Digest digest) {
    return refuseKnownAbsent(digest)
        .compose(ignored -> mirror.askForBlob(source, digest))
        .compose(size -> keepLink(digest, size));
  }

  private Future<LinkRecord> keepLink(Digest digest, OptionalLong size) {
    LinkRecord link = new LinkRecord(MediaType.OCTET_STREAM, size.orElse(-1));
    return mirror
        .index()
        .apply(List.of(new IndexChange.PutLink(zone, name, digest, link)))
        .map(link);
  }

  private Future<Void> refuseKnownAbsent(Digest digest) {
    return mirror
        .absent()
        .find(zone, name, NegativeCache.Asked.BLOB, digest)
        .map(Future::<Void>failedFuture)
        .orElseGet(Future::succeededFuture);
  }

  private RegistryException refusal(Digest digest, Throwable failure) {
    mirror.absent().remember(zone, name, NegativeCache.Asked.BLOB, digest, failure);
    return UpstreamFailures.ofBlob("blob " + digest + " of " + source, failure);
  }
}
