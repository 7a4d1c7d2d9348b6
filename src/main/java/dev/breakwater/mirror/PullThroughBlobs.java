package dev.breakwater.mirror;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.mirror.download.DownloadException;
import dev.breakwater.mirror.download.DownloadException.Reason;
import dev.breakwater.mirror.download.Downloads;
import dev.breakwater.mirror.download.Downloads.Wanted;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.BlobStat;
import dev.breakwater.registry.Blobs;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.storage.BlobFile;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The blobs of an upstream repository: from the store, or from the one download under way. Bytes
 * are shared by digest; the permission to read them is the repository's own link, made when a
 * manifest of this repository named the blob or upstream served it from here.
 */
record PullThroughBlobs(
    UpstreamRepository upstream,
    RepositoryIndex index,
    BlobPermissions permissions,
    BlobStore store,
    Downloads downloads,
    Prefetch prefetch,
    StaleFallback fallback)
    implements Blobs {
  /** How often a request that met the end of a download looks again. */
  private static final int LOOKS = 4;

  /** Blobs of so many bytes take long to hash, about a second on most disks. */
  static final long LARGE = 256L * 1024 * 1024;

  @Override
  public Future<Served<BlobStat>> stat(Digest digest) {
    return fallback
        .inTime(byType(digest, BlobStat::of, link -> stat(digest, link)), late -> {})
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  /** A manifest that is here is answered as such, everything else as a blob. */
  private <T> Future<Served<T>> byType(
      Digest digest,
      Function<Manifest, T> ofManifest,
      Function<Optional<LinkRecord>, Future<Served<T>>> ofBlob) {
    return index
        .link(digest)
        .compose(
            link ->
                permissions
                    .manifest(digest, link)
                    .compose(
                        manifest ->
                            manifest.isPresent()
                                ? Future.succeededFuture(
                                    new Served<>(
                                        ofManifest.apply(index.used(manifest.get())),
                                        Provenance.HIT))
                                : ofBlob.apply(link)));
  }

  private Future<Served<BlobStat>> stat(Digest digest, Optional<LinkRecord> link) {
    return index
        .blob(digest)
        .compose(
            blob ->
                blob.isPresent()
                    ? permissions
                        .permitted(digest, link)
                        .map(permission -> held(digest, blob.get()))
                    : statOfAbsent(digest, link));
  }

  private Served<BlobStat> held(Digest digest, BlobRecord blob) {
    index.used(digest);
    return new Served<>(BlobStat.ofBytes(blob.size()), Provenance.HIT);
  }

  /** What the manifest says of the size is good enough; else upstream is asked. */
  private Future<Served<BlobStat>> statOfAbsent(Digest digest, Optional<LinkRecord> link) {
    return upstream
        .refuseKnown(NegativeCache.Asked.BLOB, digest)
        .compose(
            ignored ->
                link.isPresent() && digest.mayHaveSize(link.get().size())
                    ? Future.succeededFuture(
                        new Served<>(BlobStat.ofBytes(link.get().size()), Provenance.HIT))
                    : permissions.sizeByUpstream(digest).compose(size -> told(digest, size)));
  }

  @Override
  public Future<Served<BlobBody>> open(Digest digest, Optional<RangeRequest> range) {
    Wanted wanted = downloads.wanted(digest, range);
    prefetch.asked(digest);
    return fallback
        .inTime(find(wanted, LOOKS), late -> late.value().close())
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  @Override
  public void doubt(Digest digest) {
    store.unverified().raise(digest);
  }

  /** A download ended, or stopped for want of clients, just when we came: look again. */
  private Future<Served<BlobBody>> find(Wanted wanted, int looks) {
    return find(wanted)
        .recover(
            failure ->
                isPassing(failure) && looks > 1
                    ? find(wanted, looks - 1)
                    : Future.failedFuture(failure));
  }

  private static boolean isPassing(Throwable failure) {
    return DownloadException.isBecause(failure, Reason.ENDED)
        || (failure instanceof UpstreamException upstream
            && upstream.outcome() == UpstreamOutcome.CANCELLED);
  }

  private Future<Served<BlobBody>> find(Wanted wanted) {
    return byType(wanted.digest(), ManifestBody::new, link -> find(wanted, link));
  }

  private Future<Served<BlobBody>> find(Wanted wanted, Optional<LinkRecord> link) {
    return (link.isPresent() ? linked(wanted, link.get().size()) : unlinked(wanted))
        .map(index::used);
  }

  /** The disk decides: a file that is gone is fetched again, one the index forgot is taken back. */
  private Future<Served<BlobBody>> linked(Wanted wanted, long size) {
    return store
        .open(wanted.digest())
        .compose(file -> stored(wanted, size, file))
        .recover(failure -> fetchedIfGone(wanted, size, failure));
  }

  private Future<Served<BlobBody>> fetchedIfGone(Wanted wanted, long size, Throwable failure) {
    return failure instanceof NoSuchFileException
        ? forget(wanted.digest()).compose(ignored -> fetch(wanted, OptionalLong.of(size)))
        : Future.failedFuture(failure);
  }

  /**
   * A file that does not hash to its digest goes into the quarantine, and the blob is fetched
   * again. A size that differs, from the manifest's or from that in the index, is a reason to hash
   * the file, and no more: the manifest may lie, and the entry may be that of a file that has been
   * replaced.
   */
  private Future<Served<BlobBody>> stored(Wanted wanted, long size, BlobFile file) {
    Digest digest = wanted.digest();
    BlobBody body = body(digest, file.size(), file);
    return index
        .blob(digest)
        .compose(
            known -> {
              long expected = known.map(BlobRecord::size).orElse(size);
              boolean asHinted = file.size() == expected;
              boolean suspect = !asHinted && (known.isPresent() || digest.mayHaveSize(size));
              if (!suspect && !isDoubted(digest, known)) {
                return noted(digest, file, known).map(body);
              }
              Future<BlobBody> proven =
                  proven(digest).compose(ignored -> provenBody(digest, known, body));
              return file.size() < LARGE || !asHinted
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
                    fetchedIfGone(downloads.wanted(digest, range), size, failure)
                        .map(Served::value))
            .recover(failure -> Future.failedFuture(refusal(digest, failure)));
    return new UnverifiedBody(digest, size, settled);
  }

  private BlobBody body(Digest digest, long size, BlobFile file) {
    return new StoredBody(digest, size, file, store.unverified());
  }

  private boolean isDoubted(Digest digest, Optional<BlobRecord> known) {
    return store.unverified().covers(digest, known.map(BlobRecord::storedAt).orElse(0L));
  }

  private static <T> Future<T> gone(Digest digest) {
    return Future.failedFuture(new NoSuchFileException(digest.toString()));
  }

  private Future<Void> proven(Digest digest) {
    return store.prove(digest).compose(sound -> sound ? Future.succeededFuture() : gone(digest));
  }

  /** Of the file that was hashed, which may have replaced the one that was opened before. */
  private Future<BlobBody> provenBody(
      Digest digest, Optional<BlobRecord> known, BlobBody openedBefore) {
    return store
        .open(digest)
        .compose(
            file -> {
              BlobBody body = body(digest, file.size(), file);
              return noted(digest, file, known).map(body).onFailure(failure -> body.close());
            })
        .onSuccess(ignored -> openedBefore.close());
  }

  private Future<Void> noted(Digest digest, BlobFile file, Optional<BlobRecord> known) {
    return known.isPresent() && known.get().size() == file.size()
        ? Future.succeededFuture()
        : index.putBlob(digest, file.size());
  }

  private Future<Void> forget(Digest digest) {
    return index
        .blob(digest)
        .compose(known -> known.isEmpty() ? Future.succeededFuture() : index.deleteBlob(digest));
  }

  /**
   * It is not yet proven that this repository has the blob. If it is here all the same, or on its
   * way, through another repository, upstream is asked by HEAD whether it may be read through this
   * one.
   */
  private Future<Served<BlobBody>> unlinked(Wanted wanted) {
    Digest digest = wanted.digest();
    if (downloads.isLive(digest, upstream.source())) {
      return fetch(wanted, OptionalLong.empty());
    }
    return store
        .isStored(digest)
        .compose(
            stored ->
                stored
                    ? permitted(wanted)
                    : fetch(wanted, OptionalLong.empty())
                        .recover(
                            failure ->
                                DownloadException.isBecause(failure, Reason.NOT_PERMITTED)
                                    ? permitted(wanted)
                                    : Future.failedFuture(failure)));
  }

  private Future<Served<BlobBody>> permitted(Wanted wanted) {
    return index
        .link(wanted.digest())
        .compose(link -> permissions.permitted(wanted.digest(), link))
        .compose(size -> linked(wanted, size));
  }

  private Future<Served<BlobBody>> fetch(Wanted wanted, OptionalLong link) {
    return present(wanted, link)
        .compose(
            part ->
                part.isPresent()
                    ? Future.succeededFuture(new Served<>(part.get(), Provenance.HIT))
                    : download(wanted, link));
  }

  /**
   * Bytes that a download has left are served without upstream, if the range asks for no others.
   */
  private Future<Optional<BlobBody>> present(Wanted wanted, OptionalLong link) {
    Digest digest = wanted.digest();
    long size = link.orElse(-1);
    Optional<RangeRequest> range = wanted.range();
    boolean inside = range.isPresent() && range.get().first() >= 0 && range.get().last() >= 0;
    if (!inside || !digest.mayHaveSize(size) || range.get().last() >= size - 1) {
      return Future.succeededFuture(Optional.empty());
    }
    return store
        .parts()
        .openPresent(digest, range.get().first(), range.get().last() + 1, size)
        .map(file -> file.map(part -> body(digest, size, part)))
        .otherwise(Optional.empty());
  }

  private Future<Served<BlobBody>> download(Wanted wanted, OptionalLong link) {
    Digest digest = wanted.digest();
    return upstream
        .refuseKnown(NegativeCache.Asked.BLOB, digest)
        .compose(ignored -> join(wanted, link))
        .onFailure(failure -> upstream.failed(NegativeCache.Asked.BLOB, digest, failure))
        .map(
            joined ->
                new Served<BlobBody>(
                    joined.follower(), joined.caused() ? Provenance.MISS : Provenance.COLLAPSED));
  }

  private Future<Downloads.Joined> join(Wanted wanted, OptionalLong link) {
    return link.isPresent()
        ? downloads.join(wanted, upstream.source(), link)
        : upstream.guess(() -> downloads.join(wanted, upstream.source(), link));
  }

  private Future<Served<BlobStat>> told(Digest digest, OptionalLong size) {
    return size.isPresent() && digest.mayHaveSize(size.getAsLong())
        ? Future.succeededFuture(new Served<>(BlobStat.ofBytes(size.getAsLong()), Provenance.MISS))
        : Future.failedFuture(
            new UpstreamException(
                UpstreamOutcome.INVALID, upstream + " does not tell the size of " + digest, null));
  }

  private RegistryException refusal(Digest digest, Throwable failure) {
    return UpstreamFailures.ofBlob("blob " + digest + " of " + upstream, failure);
  }
}
