package dev.breakwater.mirror;

import dev.breakwater.index.TagRecord;
import dev.breakwater.mirror.PullThroughTags.Standing;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.Tag;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.Manifests;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.PulledManifest;
import dev.breakwater.upstream.SingleFlight;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The manifests of an upstream repository. A digest that is here is never asked for again; how tags
 * become digests is {@link PullThroughTags}' business.
 */
record PullThroughManifests(
    UpstreamRepository upstream,
    RepositoryIndex index,
    PullThroughTags tags,
    Prefetch prefetch,
    StaleFallback fallback,
    SingleFlight<RepositoryReference, Served<TagRecord>> heads,
    SingleFlight<RepositoryReference, Served<Manifest>> flights)
    implements Manifests {

  @Override
  public Future<Served<Manifest>> get(Reference reference) {
    return switch (reference) {
      case Digest digest -> inTime(digest, byDigest(digest, Provenance.HIT, false));
      case Tag tag -> byTag(tag, manifest -> manifest, resolved -> manifestOf(tag, resolved));
    };
  }

  @Override
  public Future<Served<ManifestStat>> stat(Reference reference) {
    return switch (reference) {
      case Digest digest -> inTime(digest, statByDigest(digest));
      case Tag tag -> byTag(tag, ManifestStat::of, this::statOfTag);
    };
  }

  /**
   * The answer for a tag.
   *
   * @param old makes it of the manifest that the tag pointed at before
   * @param found makes it of where the tag points
   */
  private <T> Future<Served<T>> byTag(
      Tag tag, Function<Manifest, T> old, Function<Served<TagRecord>, Future<Served<T>>> found) {
    return index
        .tag(tag)
        .compose(
            known ->
                inTime(
                    tag,
                    known.isEmpty()
                        ? tags.revalidate(tag, known).compose(found)
                        : byTag(tag, known.get(), old, found)));
  }

  private <T> Future<Served<T>> byTag(
      Tag tag,
      TagRecord known,
      Function<Manifest, T> old,
      Function<Served<TagRecord>, Future<Served<T>>> found) {
    Supplier<Future<Served<T>>> ask = () -> tags.revalidate(tag, Optional.of(known)).compose(found);
    return switch (tags.standing(tag, known)) {
      case Standing.Fresh(Served<TagRecord> target) -> found.apply(target);
      case Standing.Grace(String trouble) -> {
        Future<Served<T>> renewed = ask.get();
        yield fallback.within(
            Duration.ZERO, renewed, () -> oldOr(known, old, trouble, () -> renewed));
      }
      case Standing.Stale(String trouble) -> oldOr(known, old, trouble, ask);
      case Standing.Ask(Duration patience, String trouble) -> {
        Future<Served<T>> renewed = ask.get();
        yield fallback.within(patience, renewed, () -> oldOr(known, old, trouble, () -> renewed));
      }
    };
  }

  /** What the tag pointed at before can only stand in if it is here. */
  private <T> Future<Served<T>> oldOr(
      TagRecord known,
      Function<Manifest, T> old,
      String trouble,
      Supplier<Future<Served<T>>> renewed) {
    return index
        .manifest(known.digest())
        .compose(
            held ->
                held.isPresent()
                    ? fallback.stale(upstream.zone(), old.apply(held.get()), trouble)
                    : renewed.get());
  }

  private <T> Future<T> inTime(Reference reference, Future<T> answer) {
    return fallback
        .inTime(answer, late -> {})
        .recover(
            failure ->
                Future.failedFuture(UpstreamFailures.ofManifest(subject(reference), failure)));
  }

  /** What is held is described from itself; upstream's HEAD may be wrong about the size. */
  private Future<Served<ManifestStat>> statOfTag(Served<TagRecord> tag) {
    return index
        .manifest(tag.value().digest())
        .compose(
            held ->
                held.isPresent()
                    ? Future.succeededFuture(
                        new Served<>(ManifestStat.of(index.used(held.get())), tag.provenance()))
                    : stat(tag));
  }

  /** No manifest is empty: where HEAD says so, the manifest itself is asked. */
  private Future<Served<ManifestStat>> stat(Served<TagRecord> told) {
    TagRecord target = told.value();
    if (target.size() > 0) {
      return Future.succeededFuture(
          new Served<>(
              new ManifestStat(target.digest(), target.mediaType(), target.size()),
              told.provenance()));
    }
    return byDigest(target.digest(), told.provenance(), true)
        .map(served -> new Served<>(ManifestStat.of(served.value()), told.provenance()));
  }

  private Future<Served<ManifestStat>> statByDigest(Digest digest) {
    return index
        .manifest(digest)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(
                        new Served<>(ManifestStat.of(index.used(found.get())), Provenance.HIT))
                    : askByHead(digest).compose(this::stat))
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  /** A tag that has moved is only noted once what it points at now is here. */
  private Future<Served<Manifest>> manifestOf(Tag tag, Served<TagRecord> resolved) {
    TagRecord target = resolved.value();
    return byDigest(target.digest(), resolved.provenance(), true)
        .compose(
            manifest ->
                resolved.provenance().result() == CacheResult.MISS
                    ? index.put(tag, target).map(manifest)
                    : Future.succeededFuture(manifest))
        .recover(failure -> previousOr(failure, tag, target));
  }

  /**
   * Upstream told by HEAD where the tag points now, and then could not give it: on Docker Hub a GET
   * is counted and a HEAD is not. What the tag pointed at before is better than nothing.
   */
  private Future<Served<Manifest>> previousOr(Throwable failure, Tag tag, TagRecord target) {
    if (!(failure instanceof RegistryException known) || known.code() != ErrorCode.UNAVAILABLE) {
      return Future.failedFuture(failure);
    }
    return index
        .tag(tag)
        .compose(
            before ->
                before.isPresent() && !before.get().digest().equals(target.digest())
                    ? oldOr(
                        before.get(),
                        index::used,
                        "unavailable",
                        () -> Future.failedFuture(failure))
                    : Future.failedFuture(failure));
  }

  /**
   * The manifest of a digest.
   *
   * @param ifHere what to say of it if it need not be fetched
   * @param tagged whether a tag has led to it
   */
  private Future<Served<Manifest>> byDigest(Digest digest, Provenance ifHere, boolean tagged) {
    return index
        .manifest(digest)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(new Served<>(index.used(found.get()), ifHere))
                    : fetch(digest, tagged));
  }

  private Future<Served<Manifest>> fetch(Digest digest, boolean tagged) {
    return upstream
        .refuseKnown(NegativeCache.Asked.MANIFEST, digest)
        .compose(
            ignored ->
                flights.join(
                    upstream.reference(digest),
                    () ->
                        tagged ? fetchAndKeep(digest) : upstream.guess(() -> fetchAndKeep(digest)),
                    served -> new Served<>(served.value(), Provenance.COLLAPSED)))
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  /** Looks again before it asks: an earlier flight may have landed since the caller looked. */
  private Future<Served<Manifest>> fetchAndKeep(Digest digest) {
    return index
        .manifest(digest)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(new Served<>(found.get(), Provenance.COLLAPSED))
                    : upstream.registry().getManifest(upstream.name(), digest).compose(this::keep));
  }

  private Future<Served<Manifest>> keep(PulledManifest pulled) {
    return index
        .put(pulled.manifest(), pulled.document())
        .onSuccess(ignored -> prefetch.stored(pulled.document(), upstream.source()))
        .map(new Served<>(index.used(pulled.manifest()), Provenance.MISS));
  }

  /** Asks upstream by HEAD, one request for all that wait. */
  private Future<Served<TagRecord>> askByHead(Digest digest) {
    return upstream
        .refuseKnown(NegativeCache.Asked.MANIFEST, digest)
        .compose(
            ignored ->
                heads.join(
                    upstream.reference(digest),
                    () ->
                        upstream
                            .guess(() -> upstream.registry().headManifest(upstream.name(), digest))
                            .map(head -> new Served<>(tags.recordOf(head), Provenance.MISS)),
                    served -> served));
  }

  private RegistryException refusal(Reference reference, Throwable failure) {
    upstream.failed(NegativeCache.Asked.MANIFEST, reference, failure);
    return UpstreamFailures.ofManifest(subject(reference), failure);
  }

  private String subject(Reference reference) {
    return "manifest " + reference + " of " + upstream;
  }
}
