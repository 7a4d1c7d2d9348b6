package dev.breakwater.mirror;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.ManifestHead;
import dev.breakwater.upstream.UpstreamHealth;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where the tags of an upstream repository point. A tag costs at most one HEAD per time to live,
 * however many ask; while its quota runs low that time is longer.
 */
final class PullThroughTags {
  private final PullThrough mirror;
  private final BlobSource source;
  private final ZoneName zone;
  private final RepositoryName name;

  PullThroughTags(PullThrough mirror, BlobSource source) {
    this.mirror = mirror;
    this.source = source;
    this.zone = source.upstream().zone();
    this.name = source.repository();
  }

  /** Where upstream last said that the tag points, however long ago. */
  Future<Optional<TagRecord>> known(Tag tag) {
    return mirror.index().get(Tables.TAGS, new InRepository<>(zone, name, tag));
  }

  /** The same as an answer, if it need not be asked again yet. */
  Optional<Served<TagRecord>> fresh(Tag tag, Optional<TagRecord> known) {
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Freshness freshness = mirror.freshness();
    long checkedAt = known.get().checkedAt();
    Duration timeToLive = freshness.timeToLive(zone, name, tag);
    if (!freshness.isFresh(checkedAt, timeToLive)) {
      timeToLive = stretched(timeToLive);
      if (!freshness.isFresh(checkedAt, timeToLive)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Served<>(known.get(), Provenance.hit(freshness.secondsLeft(checkedAt, timeToLive))));
  }

  private Duration stretched(Duration timeToLive) {
    double stretch = source.upstream().health(ContentKind.MANIFEST).stretch();
    return Duration.ofMillis(Math.round(timeToLive.toMillis() * stretch));
  }

  /**
   * What upstream says now, if it says it soon; else what it said before.
   *
   * @param known where the tag pointed before
   * @param before what is served for that
   */
  <T> Future<Served<T>> renewedOr(
      Tag tag, TagRecord known, T before, Supplier<Future<Served<T>>> renewed) {
    UpstreamHealth health = source.upstream().health(ContentKind.MANIFEST);
    Freshness freshness = mirror.freshness();
    if (freshness.isInGrace(known.checkedAt(), freshness.timeToLive(zone, name, tag))) {
      health = health.impatient("revalidating");
    }
    return StaleFallback.choose(
        mirror.vertx(),
        health,
        renewed,
        trouble -> mirror.stale(zone, before, "upstream-" + trouble));
  }

  /**
   * Asks upstream, one request for all that wait; if it is unavailable, the stale answer counts.
   */
  Future<Served<TagRecord>> revalidate(Tag tag, Optional<TagRecord> known) {
    return refuseKnownAbsent(tag)
        .compose(
            ignored ->
                mirror
                    .tagFlights()
                    .join(asked(tag), () -> askWhereTo(tag, known), served -> served))
        .recover(failure -> staleOr(failure, tag, known));
  }

  /** Notes where the tag points. */
  Future<Void> note(Tag tag, TagRecord target) {
    return mirror.remember(List.of(Tables.TAGS.put(new InRepository<>(zone, name, tag), target)));
  }

  private Future<Served<TagRecord>> askWhereTo(Tag tag, Optional<TagRecord> former) {
    return former.isPresent()
        ? askWhereTo(tag)
        : mirror.absent().guesses().ask(zone, () -> askWhereTo(tag));
  }

  /**
   * Looks again before it asks: the flight that brought the news may have landed between the
   * caller's look and its joining.
   */
  private Future<Served<TagRecord>> askWhereTo(Tag tag) {
    return known(tag)
        .compose(
            known -> {
              Optional<Served<TagRecord>> fresh = fresh(tag, known);
              if (fresh.isPresent()) {
                return Future.succeededFuture(fresh.get());
              }
              Optional<TagRecord> seen = mirror.observedTags().of(asked(tag));
              if (fresh(tag, seen).isPresent()) {
                return noteIfHeld(tag, known, new Served<>(seen.orElseThrow(), Provenance.MISS));
              }
              return source
                  .upstream()
                  .headManifest(name, tag, known.map(PullThroughTags::head))
                  .map(head -> told(tag, head, known))
                  .compose(served -> noteIfHeld(tag, known, served));
            });
  }

  private static ManifestHead head(TagRecord record) {
    return new ManifestHead(record.digest(), record.mediaType(), record.size());
  }

  private Served<TagRecord> told(Tag tag, ManifestHead head, Optional<TagRecord> known) {
    Freshness freshness = mirror.freshness();
    TagRecord now = mirror.recordOf(head);
    boolean same = known.map(before -> before.digest().equals(now.digest())).orElse(false);
    return new Served<>(
        now,
        same
            ? Provenance.revalidated(
                freshness.secondsLeft(now.checkedAt(), freshness.timeToLive(zone, name, tag)))
            : Provenance.MISS);
  }

  /** A tag that has moved is only noted once what it points at now is here. */
  private Future<Served<TagRecord>> noteIfHeld(
      Tag tag, Optional<TagRecord> known, Served<TagRecord> served) {
    TagRecord now = served.value();
    mirror.observedTags().saw(asked(tag), now);
    if (known.isEmpty() || known.get().digest().equals(now.digest())) {
      return note(tag, now).map(served);
    }
    Future<Optional<Manifest>> held =
        mirror.index().get(Tables.MANIFESTS, new InRepository<>(zone, name, now.digest()));
    return held.compose(
        manifest ->
            manifest.isPresent() ? note(tag, now).map(served) : Future.succeededFuture(served));
  }

  /**
   * The one policy of when an old answer is better than none: upstream could not answer, or, unless
   * the operator wants it otherwise, it has deleted the tag. Any other "no" (401, 403) is passed on
   * and the tag forgotten: who may not read it any more must not read it here.
   */
  private Future<Served<TagRecord>> staleOr(Throwable failure, Tag tag, Optional<TagRecord> known) {
    Optional<String> unavailable = UpstreamFailures.unavailability(failure);
    if (known.isPresent() && unavailable.isPresent()) {
      return mirror.stale(zone, known.get(), "upstream-" + unavailable.get());
    }
    RegistryException refusal = refusal(tag, failure);
    if (known.isPresent() && UpstreamFailures.isAbsence(failure) && mirror.keepsDeletedTags()) {
      mirror.keptDeleted(asked(tag));
      return Future.succeededFuture(new Served<>(known.get(), Provenance.DELETED_UPSTREAM));
    }
    if (known.isPresent() && UpstreamFailures.isRefusal(failure)) {
      return mirror
          .remember(List.of(Tables.TAGS.delete(new InRepository<>(zone, name, tag))))
          .compose(ignored -> Future.failedFuture(refusal));
    }
    return Future.failedFuture(refusal);
  }

  private Future<Void> refuseKnownAbsent(Reference reference) {
    return mirror.absent().refuseKnown(zone, name, NegativeCache.Asked.MANIFEST, reference);
  }

  private RegistryException refusal(Tag tag, Throwable failure) {
    mirror.absent().remember(zone, name, NegativeCache.Asked.MANIFEST, tag, failure);
    return UpstreamFailures.ofManifest("manifest " + tag + " of " + source, failure);
  }

  private PullThrough.Asked asked(Tag tag) {
    return new PullThrough.Asked(zone, name, tag);
  }
}
