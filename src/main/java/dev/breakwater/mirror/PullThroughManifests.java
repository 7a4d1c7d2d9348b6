package dev.breakwater.mirror;

import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Descriptor;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.Manifests;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.ManifestHead;
import dev.breakwater.upstream.PulledManifest;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The manifests of an upstream repository. A digest that is here is never asked for again; how tags
 * become digests is {@link PullThroughTags}' business.
 */
final class PullThroughManifests implements Manifests {
  private final PullThrough mirror;
  private final BlobSource source;
  private final PullThroughTags tags;
  private final ZoneName zone;
  private final RepositoryName name;

  PullThroughManifests(PullThrough mirror, BlobSource source) {
    this.mirror = mirror;
    this.source = source;
    this.tags = new PullThroughTags(mirror, source);
    this.zone = source.upstream().zone();
    this.name = source.repository();
  }

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
    return tags.known(tag).compose(known -> byTag(tag, known, old, found));
  }

  private <T> Future<Served<T>> byTag(
      Tag tag,
      Optional<TagRecord> known,
      Function<Manifest, T> old,
      Function<Served<TagRecord>, Future<Served<T>>> found) {
    Optional<Served<TagRecord>> fresh = tags.fresh(tag, known);
    if (fresh.isPresent()) {
      return inTime(tag, found.apply(fresh.get()));
    }
    Supplier<Future<Served<T>>> renewed = () -> tags.revalidate(tag, known).compose(found);
    return inTime(tag, known.isEmpty() ? renewed.get() : renewedOr(tag, known.get(), old, renewed));
  }

  /** What the tag pointed at before can only stand in if it is here. */
  private <T> Future<Served<T>> renewedOr(
      Tag tag, TagRecord known, Function<Manifest, T> old, Supplier<Future<Served<T>>> renewed) {
    return held(known)
        .compose(
            manifest ->
                manifest.isEmpty()
                    ? renewed.get()
                    : tags.renewedOr(tag, known, old.apply(manifest.get()), renewed));
  }

  private <T> Future<T> inTime(Reference reference, Future<T> answer) {
    return mirror
        .inTime(answer, late -> {})
        .recover(
            failure ->
                Future.failedFuture(UpstreamFailures.ofManifest(subject(reference), failure)));
  }

  private Future<Optional<Manifest>> held(TagRecord target) {
    return mirror.index().get(Tables.MANIFESTS, new InRepository<>(zone, name, target.digest()));
  }

  /** What is held is described from itself; upstream's HEAD may be wrong about the size. */
  private Future<Served<ManifestStat>> statOfTag(Served<TagRecord> tag) {
    return held(tag.value())
        .compose(
            held ->
                held.isPresent()
                    ? Future.succeededFuture(
                        new Served<>(ManifestStat.of(used(held.get())), tag.provenance()))
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
    return mirror
        .index()
        .get(Tables.MANIFESTS, new InRepository<>(zone, name, digest))
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(
                        new Served<>(ManifestStat.of(used(found.get())), Provenance.HIT))
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
                    ? tags.note(tag, target).map(manifest)
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
    return tags.known(tag)
        .map(before -> before.filter(record -> !record.digest().equals(target.digest())))
        .compose(
            before ->
                before.isPresent()
                    ? mirror
                        .index()
                        .get(
                            Tables.MANIFESTS, new InRepository<>(zone, name, before.get().digest()))
                    : Future.succeededFuture(Optional.<Manifest>empty()))
        .compose(
            held ->
                held.isPresent()
                    ? mirror.stale(zone, used(held.get()), "upstream-unavailable")
                    : Future.failedFuture(failure));
  }

  /**
   * The manifest of a digest.
   *
   * @param ifHere what to say of it if it need not be fetched
   * @param tagged whether a tag has led to it
   */
  private Future<Served<Manifest>> byDigest(Digest digest, Provenance ifHere, boolean tagged) {
    return mirror
        .index()
        .get(Tables.MANIFESTS, new InRepository<>(zone, name, digest))
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(new Served<>(used(found.get()), ifHere))
                    : fetch(digest, tagged));
  }

  private Manifest used(Manifest manifest) {
    mirror.used(zone, name, manifest.digest());
    return manifest;
  }

  private Future<Served<Manifest>> fetch(Digest digest, boolean tagged) {
    return refuseKnownAbsent(digest)
        .compose(
            ignored ->
                mirror
                    .manifestFlights()
                    .join(
                        new PullThrough.Asked(zone, name, digest),
                        () ->
                            tagged
                                ? fetchAndKeep(digest)
                                : mirror.absent().guesses().ask(zone, () -> fetchAndKeep(digest)),
                        served -> new Served<>(served.value(), Provenance.COALESCED)))
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  /** Looks again before it asks: an earlier flight may have landed since the caller looked. */
  private Future<Served<Manifest>> fetchAndKeep(Digest digest) {
    return mirror
        .index()
        .get(Tables.MANIFESTS, new InRepository<>(zone, name, digest))
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(new Served<>(found.get(), Provenance.COALESCED))
                    : source.upstream().getManifest(name, digest).compose(this::keep));
  }

  private Future<Served<Manifest>> keep(PulledManifest pulled) {
    Manifest manifest = pulled.manifest();
    return mirror
        .remember(changesFor(manifest, pulled.document()))
        .onSuccess(ignored -> mirror.prefetch().stored(pulled.document(), source))
        .map(new Served<>(used(manifest), Provenance.MISS));
  }

  /** The manifest, and with it the right to read what it names through this repository. */
  private List<Change> changesFor(Manifest manifest, ManifestDocument document) {
    List<Change> changes = new ArrayList<>();
    changes.add(Tables.MANIFESTS.put(new InRepository<>(zone, name, manifest.digest()), manifest));
    for (Descriptor blob : document.blobs()) {
      changes.add(
          Tables.LINKS.put(
              new InRepository<>(zone, name, blob.digest()),
              new LinkRecord(blob.mediaType(), blob.size())));
    }
    return changes;
  }

  /** Asks upstream by HEAD, once for everyone who wants to know. */
  private Future<Served<TagRecord>> askByHead(Digest digest) {
    return refuseKnownAbsent(digest)
        .compose(
            ignored ->
                mirror
                    .tagFlights()
                    .join(
                        new PullThrough.Asked(zone, name, digest),
                        () ->
                            mirror
                                .absent()
                                .guesses()
                                .ask(zone, () -> source.upstream().headManifest(name, digest))
                                .map(this::told),
                        served -> served));
  }

  private Served<TagRecord> told(ManifestHead head) {
    return new Served<>(mirror.recordOf(head), Provenance.MISS);
  }

  private Future<Void> refuseKnownAbsent(Reference reference) {
    return mirror.absent().refuseKnown(zone, name, NegativeCache.Asked.MANIFEST, reference);
  }

  private RegistryException refusal(Reference reference, Throwable failure) {
    mirror.absent().remember(zone, name, NegativeCache.Asked.MANIFEST, reference, failure);
    return UpstreamFailures.ofManifest(subject(reference), failure);
  }

  private String subject(Reference reference) {
    return "manifest " + reference + " of " + source;
  }
}
