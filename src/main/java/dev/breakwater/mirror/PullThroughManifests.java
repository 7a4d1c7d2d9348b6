package dev.breakwater.mirror;

import dev.breakwater.index.IndexChange;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.TagRecord;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ContentKind;
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
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The manifests of an upstream repository. A tag costs at most one HEAD per time to live, however
 * many ask; a digest that is here is never asked for again.
 */
final class PullThroughManifests implements Manifests {
  private final PullThrough mirror;
  private final BlobSource source;
  private final ZoneName zone;
  private final RepositoryName name;

  PullThroughManifests(PullThrough mirror, BlobSource source) {
    this.mirror = mirror;
    this.source = source;
    this.zone = source.upstream().zone();
    this.name = source.repository();
  }

  @Override
  public Future<Served<Manifest>> get(Reference reference) {
    return switch (reference) {
      case Digest digest -> inTime(digest, byDigest(digest, Provenance.HIT));
      case Tag tag -> known(tag).compose(known -> get(tag, known));
    };
  }

  @Override
  public Future<Served<ManifestStat>> stat(Reference reference) {
    return switch (reference) {
      case Digest digest -> inTime(digest, statByDigest(digest));
      case Tag tag -> known(tag).compose(known -> stat(tag, known));
    };
  }

  private Future<Served<Manifest>> get(Tag tag, Optional<TagRecord> known) {
    if (known.isPresent() && mirror.freshness().isFresh(known.get())) {
      return manifestOf(tag, fresh(known.get()));
    }
    Supplier<Future<Served<Manifest>>> renewed =
        () -> revalidate(tag, known).compose(served -> manifestOf(tag, served));
    return inTime(
        tag,
        known.isEmpty()
            ? renewed.get()
            : held(known.get())
                .compose(
                    manifest ->
                        manifest.isEmpty() ? renewed.get() : renewedOr(renewed, manifest.get())));
  }

  private Future<Served<ManifestStat>> stat(Tag tag, Optional<TagRecord> known) {
    if (known.isPresent() && mirror.freshness().isFresh(known.get())) {
      return statOfTag(fresh(known.get()));
    }
    Supplier<Future<Served<ManifestStat>>> renewed =
        () -> revalidate(tag, known).compose(this::statOfTag);
    return inTime(
        tag,
        known.isEmpty()
            ? renewed.get()
            : held(known.get())
                .compose(
                    manifest ->
                        manifest.isEmpty()
                            ? renewed.get()
                            : renewedOr(renewed, ManifestStat.of(manifest.get()))));
  }

  /** What upstream says now, if it says it soon; else what it said before. */
  private <T> Future<Served<T>> renewedOr(Supplier<Future<Served<T>>> renewed, T before) {
    return OldOrNew.choose(
        mirror.vertx(),
        source.upstream().outlook(ContentKind.MANIFEST),
        renewed,
        trouble ->
            Future.succeededFuture(new Served<>(before, Provenance.stale("upstream-" + trouble))));
  }

  private <T> Future<T> inTime(Reference reference, Future<T> answer) {
    return mirror
        .inTime(answer, late -> {})
        .recover(
            failure ->
                Future.failedFuture(UpstreamFailures.ofManifest(subject(reference), failure)));
  }

  private Future<Optional<TagRecord>> known(Tag tag) {
    return mirror.index().tag(zone, name, tag);
  }

  private Future<Optional<Manifest>> held(TagRecord target) {
    return mirror.index().manifest(zone, name, target.digest());
  }

  /** What is held is described from itself; upstream's HEAD may be wrong about the size. */
  private Future<Served<ManifestStat>> statOfTag(Served<TagRecord> tag) {
    return held(tag.value())
        .map(
            held ->
                held.isPresent()
                    ? new Served<>(ManifestStat.of(used(held.get())), tag.provenance())
                    : stat(tag));
  }

  private static Served<ManifestStat> stat(Served<TagRecord> tag) {
    TagRecord target = tag.value();
    return new Served<>(
        new ManifestStat(target.digest(), target.mediaType(), target.size()), tag.provenance());
  }

  private Future<Served<ManifestStat>> statByDigest(Digest digest) {
    return mirror
        .index()
        .manifest(zone, name, digest)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(
                        new Served<>(ManifestStat.of(used(found.get())), Provenance.HIT))
                    : askOnce(digest, Optional.empty()).map(PullThroughManifests::stat))
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  /** A tag that has moved is only noted once what it points at now is here. */
  private Future<Served<Manifest>> manifestOf(Tag tag, Served<TagRecord> resolved) {
    TagRecord target = resolved.value();
    return byDigest(target.digest(), resolved.provenance())
        .compose(
            manifest ->
                resolved.provenance().result() == CacheResult.MISS
                    ? note(tag, target).map(manifest)
                    : Future.succeededFuture(manifest))
        .recover(failure -> previousOr(failure, tag, target));
  }

  private Future<Void> note(Tag tag, TagRecord target) {
    return mirror.remember(List.of(new IndexChange.PutTag(zone, name, tag, target)));
  }

  private PullThrough.Asked asked(Reference reference) {
    return new PullThrough.Asked(zone, name, reference);
  }

  /**
   * Upstream told by HEAD where the tag points now, and then could not give it: on Docker Hub a GET
   * is counted and a HEAD is not. What the tag pointed at before is better than nothing.
   */
  private Future<Served<Manifest>> previousOr(Throwable failure, Tag tag, TagRecord target) {
    if (!(failure instanceof RegistryException known) || known.code() != ErrorCode.UNAVAILABLE) {
      return Future.failedFuture(failure);
    }
    return known(tag)
        .map(before -> before.filter(record -> !record.digest().equals(target.digest())))
        .compose(
            before ->
                before.isPresent()
                    ? mirror.index().manifest(zone, name, before.get().digest())
                    : Future.succeededFuture(Optional.<Manifest>empty()))
        .compose(
            held ->
                held.isPresent()
                    ? Future.succeededFuture(
                        new Served<>(used(held.get()), Provenance.stale("upstream-unwell")))
                    : Future.failedFuture(failure));
  }

  /**
   * The manifest of a digest.
   *
   * @param ifHere what to say of it if it need not be fetched
   */
  private Future<Served<Manifest>> byDigest(Digest digest, Provenance ifHere) {
    return mirror
        .index()
        .manifest(zone, name, digest)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(new Served<>(used(found.get()), ifHere))
                    : fetch(digest));
  }

  private Manifest used(Manifest manifest) {
    mirror.used(zone, name, manifest.digest());
    return manifest;
  }

  private Future<Served<Manifest>> fetch(Digest digest) {
    return refuseKnownAbsent(digest)
        .compose(
            ignored ->
                mirror
                    .manifestFlights()
                    .join(
                        new PullThrough.Asked(zone, name, digest),
                        () -> fetchAndKeep(digest),
                        served -> new Served<>(served.value(), Provenance.COALESCED)))
        .recover(failure -> Future.failedFuture(refusal(digest, failure)));
  }

  /** Looks again before it asks, for the same reason as {@link #askWhereTo}. */
  private Future<Served<Manifest>> fetchAndKeep(Digest digest) {
    return mirror
        .index()
        .manifest(zone, name, digest)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(new Served<>(found.get(), Provenance.COALESCED))
                    : source.upstream().getManifest(name, digest).compose(this::keep));
  }

  private Future<Served<Manifest>> keep(Manifest manifest) {
    ManifestDocument document = ManifestDocument.parse(manifest.mediaType(), manifest.bytes());
    return mirror
        .remember(changesFor(manifest, document))
        .onSuccess(ignored -> mirror.prefetch().stored(document, source))
        .map(new Served<>(used(manifest), Provenance.MISS));
  }

  /** The manifest, and with it the right to read what it names through this repository. */
  private List<IndexChange> changesFor(Manifest manifest, ManifestDocument document) {
    List<IndexChange> changes = new ArrayList<>();
    changes.add(new IndexChange.PutManifest(zone, name, manifest));
    for (Descriptor blob : document.blobs()) {
      changes.add(
          new IndexChange.PutLink(
              zone, name, blob.digest(), new LinkRecord(blob.mediaType(), blob.size())));
    }
    return changes;
  }

  private Served<TagRecord> fresh(TagRecord record) {
    return new Served<>(record, Provenance.hit(mirror.freshness().secondsLeft(record)));
  }

  private Future<Served<TagRecord>> revalidate(Tag tag, Optional<TagRecord> known) {
    return askOnce(tag, known).recover(failure -> staleOr(failure, tag, known));
  }

  /** Asks upstream by HEAD, once for everyone who wants to know. */
  private Future<Served<TagRecord>> askOnce(Reference reference, Optional<TagRecord> known) {
    return refuseKnownAbsent(reference)
        .compose(
            ignored ->
                mirror
                    .tagFlights()
                    .join(
                        asked(reference),
                        () ->
                            reference instanceof Tag tag
                                ? askWhereTo(tag)
                                : ask(reference).map(head -> told(head, known)),
                        served -> served));
  }

  /**
   * Looks again before it asks: the flight that brought the news may have landed between the
   * caller's look and its joining.
   */
  private Future<Served<TagRecord>> askWhereTo(Tag tag) {
    return known(tag)
        .compose(
            known -> {
              if (known.isPresent() && mirror.freshness().isFresh(known.get())) {
                return Future.succeededFuture(fresh(known.get()));
              }
              Optional<TagRecord> seen =
                  mirror.sightings().of(asked(tag)).filter(mirror.freshness()::isFresh);
              return seen.isPresent()
                  ? noteIfHeld(tag, known, new Served<>(seen.get(), Provenance.MISS))
                  : ask(tag)
                      .map(head -> told(head, known))
                      .compose(served -> noteIfHeld(tag, known, served));
            });
  }

  private Served<TagRecord> told(ManifestHead head, Optional<TagRecord> known) {
    TagRecord now =
        new TagRecord(head.digest(), head.mediaType(), head.size(), mirror.freshness().now());
    boolean same = known.map(before -> before.digest().equals(now.digest())).orElse(false);
    return new Served<>(
        now, same ? Provenance.revalidated(mirror.freshness().secondsLeft(now)) : Provenance.MISS);
  }

  private Future<Served<TagRecord>> noteIfHeld(
      Tag tag, Optional<TagRecord> known, Served<TagRecord> served) {
    TagRecord now = served.value();
    mirror.sightings().saw(asked(tag), now);
    if (known.isEmpty() || known.get().digest().equals(now.digest())) {
      return note(tag, now).map(served);
    }
    return held(now)
        .compose(
            held -> held.isPresent() ? note(tag, now).map(served) : Future.succeededFuture(served));
  }

  private Future<ManifestHead> ask(Reference reference) {
    return source.upstream().headManifest(name, reference);
  }

  /**
   * The one policy of when an old answer is better than none: upstream could not answer. A definite
   * "no" (404, 401, 403) is passed on, and the tag forgotten.
   */
  private Future<Served<TagRecord>> staleOr(Throwable failure, Tag tag, Optional<TagRecord> known) {
    Optional<String> unwell = UpstreamFailures.unwell(failure);
    if (known.isPresent() && unwell.isPresent()) {
      return Future.succeededFuture(
          new Served<>(known.get(), Provenance.stale("upstream-" + unwell.get())));
    }
    RegistryException refusal = refusal(tag, failure);
    if (known.isPresent() && UpstreamFailures.isRefusal(failure)) {
      return mirror
          .remember(List.of(new IndexChange.DeleteTag(zone, name, tag)))
          .compose(ignored -> Future.failedFuture(refusal));
    }
    return Future.failedFuture(refusal);
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
