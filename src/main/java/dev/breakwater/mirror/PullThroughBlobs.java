package dev.breakwater.mirror;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.IndexChange;
import dev.breakwater.index.LinkRecord;
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
  /** How often a request that met the end of a fill looks again. */
  private static final int LOOKS = 4;

  /** Blobs of so many bytes take long to hash, about a second on most disks. */
  static final long LARGE = 256L * 1024 * 1024;

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
    return mirror
        .index()
        .blob(digest)
        .compose(
            blob ->
                blob.isPresent()
                    ? permitted(digest).map(link -> held(digest, blob.get()))
                    : linkedByUpstream(digest).compose(link -> told(digest, link)))
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  private Served<Long> held(Digest digest, BlobRecord blob) {
    mirror.used(digest);
    return new Served<>(blob.size(), Provenance.HIT);
  }

  @Override
  public Future<Served<BlobBody>> open(Digest digest, Optional<RangeRequest> range) {
    Wanted wanted = new Wanted(digest, range, mirror.fills().answerDeadline());
    return mirror
        .inTime(find(wanted, LOOKS), late -> late.value().close())
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  @Override
  public void doubt(Digest digest) {
    mirror.store().doubts().raise(digest);
  }

  /** A fill ended, or stopped for want of clients, just when we came: look again. */
  private Future<Served<BlobBody>> find(Wanted wanted, int looks) {
    return find(wanted)
        .recover(
            failure ->
                isPassing(failure) && looks > 1
                    ? find(wanted, looks - 1)
                    : Future.failedFuture(failure));
  }

  private static boolean isPassing(Throwable failure) {
    return failure instanceof FillOver
        || (failure instanceof UpstreamException upstream
            && upstream.outcome() == UpstreamOutcome.CANCELLED);
  }

  private Future<Served<BlobBody>> find(Wanted wanted) {
    return mirror
        .index()
        .link(zone, name, wanted.digest())
        .compose(link -> link.isPresent() ? linked(wanted, link.get().size()) : unlinked(wanted))
        .onSuccess(ignored -> mirror.used(wanted.digest()));
  }

  /** The disk decides: a file that is gone is fetched again, one the index forgot is taken back. */
  private Future<Served<BlobBody>> linked(Wanted wanted, long size) {
    return mirror
        .store()
        .open(wanted.digest())
        .compose(file -> stored(wanted, size, file))
        .recover(failure -> fetchedIfGone(wanted, size, failure));
  }

  private Future<Served<BlobBody>> fetchedIfGone(Wanted wanted, long size, Throwable failure) {
    return failure instanceof NoSuchFileException
        ? forget(wanted.digest()).compose(ignored -> fill(wanted, OptionalLong.of(size)))
        : Future.failedFuture(failure);
  }

  /**
   * A file that has become shorter, or longer, is no longer the blob, nor is one that is doubted
   * and does not hash to it: such a file goes into the quarantine, and the blob is fetched again.
   */
  private Future<Served<BlobBody>> stored(Wanted wanted, long size, BlobFile file) {
    Digest digest = wanted.digest();
    BlobBody body = new StoredBody(digest, file, mirror.store().doubts());
    return mirror
        .index()
        .blob(digest)
        .compose(
            known -> {
              long expected = known.map(BlobRecord::size).orElse(size);
              if (expected >= 0 && file.size() != expected) {
                return mirror.store().moveToQuarantine(digest).compose(ignored -> gone(digest));
              }
              if (!isDoubted(digest, known)) {
                return noted(digest, file, known).map(body);
              }
              Future<BlobBody> proven =
                  proven(digest).compose(ignored -> noted(digest, file, known)).map(body);
              return file.size() < LARGE || expected < 0
                  ? proven
                  : Future.succeededFuture(doubted(body, wanted.range(), proven));
            })
        .map(answer -> new Served<>(answer, Provenance.HIT))
        .onFailure(failure -> body.close());
  }

  /** Its head need not wait until so much has been hashed. */
  private BlobBody doubted(BlobBody stored, Optional<RangeRequest> range, Future<BlobBody> proven) {
    Digest digest = stored.digest();
    long size = stored.size();
    Future<BlobBody> settled =
        proven
            .onFailure(failure -> stored.close())
            .recover(
                failure ->
                    // The client waits for bytes now, no longer for the head of the answer.
                    fetchedIfGone(
                            new Wanted(digest, range, mirror.fills().answerDeadline()),
                            size,
                            failure)
                        .map(Served::value))
            .recover(failure -> Future.failedFuture(refusal(digest, failure)));
    return new DoubtedBody(digest, size, settled);
  }

  private boolean isDoubted(Digest digest, Optional<BlobRecord> known) {
    return mirror.store().doubts().covers(digest, known.map(BlobRecord::storedAt).orElse(0L));
  }

  private static <T> Future<T> gone(Digest digest) {
    return Future.failedFuture(new NoSuchFileException(digest.toString()));
  }

  private Future<Void> proven(Digest digest) {
    return mirror
        .store()
        .prove(digest)
        .compose(sound -> sound ? Future.succeededFuture() : gone(digest));
  }

  private Future<Void> noted(Digest digest, BlobFile file, Optional<BlobRecord> known) {
    return known.isPresent()
        ? Future.succeededFuture()
        : mirror.remember(
            List.of(
                new IndexChange.PutBlob(
                    digest, new BlobRecord(file.size(), mirror.freshness().now()))));
  }

  private Future<Void> forget(Digest digest) {
    return mirror
        .index()
        .blob(digest)
        .compose(
            known ->
                known.isEmpty()
                    ? Future.succeededFuture()
                    : mirror.remember(List.of(new IndexChange.DeleteBlob(digest))));
  }

  /**
   * Nobody has shown yet that this repository has the blob. If it is here all the same, or on its
   * way, through another repository, upstream is asked by HEAD whether it may be read through this
   * one.
   */
  private Future<Served<BlobBody>> unlinked(Wanted wanted) {
    Digest digest = wanted.digest();
    if (mirror.fills().isLive(digest, source)) {
      return fill(wanted, OptionalLong.empty());
    }
    return mirror
        .store()
        .isStored(digest)
        .compose(
            stored ->
                stored
                    ? Future.failedFuture(new NotPermitted(digest))
                    : fill(wanted, OptionalLong.empty()))
        .recover(
            failure ->
                failure instanceof NotPermitted
                    ? permitted(digest).compose(link -> linked(wanted, link.size()))
                    : Future.failedFuture(failure));
  }

  private Future<Served<BlobBody>> fill(Wanted wanted, OptionalLong link) {
    return refuseKnownAbsent(wanted.digest())
        .compose(ignored -> mirror.fills().join(wanted, source, link))
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

  private Future<Served<Long>> told(Digest digest, LinkRecord link) {
    return link.size() >= 0
        ? Future.succeededFuture(new Served<>(link.size(), Provenance.MISS))
        : Future.failedFuture(
            new UpstreamException(
                UpstreamOutcome.INVALID, source + " does not tell the size of " + digest, null));
  }

  /** Asks by HEAD; a "yes" is the link. */
  private Future<LinkRecord> linkedByUpstream(Digest digest) {
    return refuseKnownAbsent(digest)
        .compose(ignored -> mirror.askForBlob(source, digest))
        .compose(size -> keepLink(digest, size));
  }

  private Future<LinkRecord> keepLink(Digest digest, OptionalLong size) {
    LinkRecord link = new LinkRecord(MediaType.OCTET_STREAM, size.orElse(-1));
    return mirror.remember(List.of(new IndexChange.PutLink(zone, name, digest, link))).map(link);
  }

  private Future<Void> refuseKnownAbsent(Digest digest) {
    return mirror.absent().refuseKnown(zone, name, NegativeCache.Asked.BLOB, digest);
  }

  private RegistryException refusal(Digest digest, Throwable failure) {
    mirror.absent().remember(zone, name, NegativeCache.Asked.BLOB, digest, failure);
    return UpstreamFailures.ofBlob("blob " + digest + " of " + source, failure);
  }
}
