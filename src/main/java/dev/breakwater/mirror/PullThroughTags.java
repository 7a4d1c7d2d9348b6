package dev.breakwater.mirror;

import dev.breakwater.index.TagRecord;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.Tag;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.ManifestHead;
import dev.breakwater.upstream.SingleFlight;
import dev.breakwater.upstream.UpstreamHealth;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the tags of an upstream repository point. A tag costs at most one HEAD per time to live,
 * however many ask; while its quota runs low that time is longer.
 */
record PullThroughTags(
    UpstreamRepository upstream,
    RepositoryIndex index,
    Freshness freshness,
    StaleFallback fallback,
    RecentAnswers<TagRecord> observed,
    SingleFlight<RepositoryReference, Served<TagRecord>> flights) {

  /** What upstream's last word on a tag is good for now. */
  sealed interface Standing {
    /** It still counts; upstream is not asked. */
    record Fresh(Served<TagRecord> target) implements Standing {}

    /** It counted until a moment ago: it is served at once, and upstream is asked meanwhile. */
    record Grace(String trouble) implements Standing {}

    /** Upstream cannot be asked: it is served although it is old. */
    record Stale(String trouble) implements Standing {}

    /** Upstream is asked; it is served if the answer takes longer than that. */
    record Ask(Duration patience, String trouble) implements Standing {}
  }

  /** What the last word, which said this, is good for. */
  Standing standing(Tag tag, TagRecord known) {
    Optional<Served<TagRecord>> fresh = fresh(tag, known);
    if (fresh.isPresent()) {
      return new Standing.Fresh(fresh.get());
    }
    UpstreamHealth health = upstream.health(ContentKind.MANIFEST);
    if (!health.mayAsk()) {
      return new Standing.Stale(health.trouble());
    }
    return freshness.isInGrace(known.checkedAt(), timeToLive(tag))
        ? new Standing.Grace(health.impatient("revalidating").trouble())
        : new Standing.Ask(health.patience(), health.trouble());
  }

  private Optional<Served<TagRecord>> fresh(Tag tag, TagRecord known) {
    Duration timeToLive = timeToLive(tag);
    if (!freshness.isFresh(known.checkedAt(), timeToLive)) {
      timeToLive = stretched(timeToLive);
      if (!freshness.isFresh(known.checkedAt(), timeToLive)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Served<>(known, Provenance.hit(freshness.secondsLeft(known.checkedAt(), timeToLive))));
  }

  private Duration timeToLive(Tag tag) {
    return freshness.timeToLive(upstream.zone(), upstream.name(), tag);
  }

  private Duration stretched(Duration timeToLive) {
    double stretch = upstream.health(ContentKind.MANIFEST).stretch();
    return Duration.ofMillis(Math.round(timeToLive.toMillis() * stretch));
  }

  /**
   * Asks upstream, one request for all that wait; if it is unavailable, the stale answer counts.
   */
  Future<Served<TagRecord>> revalidate(Tag tag, Optional<TagRecord> known) {
    return upstream
        .refuseKnown(NegativeCache.Asked.MANIFEST, tag)
        .compose(
            ignored ->
                flights.join(
                    upstream.reference(tag),
                    () ->
                        known.isPresent() ? askWhereTo(tag) : upstream.guess(() -> askWhereTo(tag)),
                    served -> served))
        .recover(failure -> staleOr(failure, tag, known));
  }

  /**
   * Looks again before it asks: the flight that brought the news may have landed between the
   * caller's look and its joining.
   */
  private Future<Served<TagRecord>> askWhereTo(Tag tag) {
    return index
        .tag(tag)
        .compose(
            known -> {
              Optional<Served<TagRecord>> fresh = known.flatMap(record -> fresh(tag, record));
              if (fresh.isPresent()) {
                return Future.succeededFuture(fresh.get());
              }
              Optional<TagRecord> seen = observed.find(upstream.reference(tag));
              if (seen.flatMap(record -> fresh(tag, record)).isPresent()) {
                return noteIfHeld(tag, known, new Served<>(seen.orElseThrow(), Provenance.MISS));
              }
              return upstream
                  .registry()
                  .headManifest(upstream.name(), tag, known.map(PullThroughTags::head))
                  .map(head -> told(tag, head, known))
                  .compose(served -> noteIfHeld(tag, known, served));
            });
  }

  private static ManifestHead head(TagRecord record) {
    return new ManifestHead(record.digest(), record.mediaType(), record.size());
  }

  private Served<TagRecord> told(Tag tag, ManifestHead head, Optional<TagRecord> known) {
    TagRecord now = recordOf(head);
    boolean same = known.map(before -> before.digest().equals(now.digest())).orElse(false);
    return new Served<>(
        now,
        same
            ? Provenance.revalidated(freshness.secondsLeft(now.checkedAt(), timeToLive(tag)))
            : Provenance.MISS);
  }

  /** What upstream says now. */
  TagRecord recordOf(ManifestHead head) {
    return new TagRecord(head.digest(), head.mediaType(), head.size(), freshness.now());
  }

  /** A tag that has moved is only noted once what it points at now is here. */
  private Future<Served<TagRecord>> noteIfHeld(
      Tag tag, Optional<TagRecord> known, Served<TagRecord> served) {
    TagRecord now = served.value();
    observed.put(upstream.reference(tag), now);
    if (known.isEmpty() || known.get().digest().equals(now.digest())) {
      return index.put(tag, now).map(served);
    }
    Future<Optional<Manifest>> held = index.manifest(now.digest());
    return held.compose(
        manifest ->
            manifest.isPresent()
                ? index.put(tag, now).map(served)
                : Future.succeededFuture(served));
  }

  /**
   * The one policy of when an old answer is better than none: upstream could not answer, or, unless
   * the operator wants it otherwise, it has deleted the tag. Any other "no" (401, 403) is passed on
   * and the tag forgotten: who may not read it any more must not read it here.
   */
  private Future<Served<TagRecord>> staleOr(Throwable failure, Tag tag, Optional<TagRecord> known) {
    Optional<String> unavailable = UpstreamFailures.unavailability(failure);
    if (known.isPresent() && unavailable.isPresent()) {
      return fallback.stale(upstream.zone(), known.get(), unavailable.get());
    }
    upstream.failed(NegativeCache.Asked.MANIFEST, tag, failure);
    RegistryException refusal =
        UpstreamFailures.ofManifest("manifest " + tag + " of " + upstream, failure);
    if (known.isPresent() && UpstreamFailures.isAbsence(failure) && fallback.keepsDeletedTags()) {
      return Future.succeededFuture(fallback.deleted(upstream.reference(tag), known.get()));
    }
    if (known.isPresent() && UpstreamFailures.isRefusal(failure)) {
      return index.delete(tag).compose(ignored -> Future.failedFuture(refusal));
    }
    return Future.failedFuture(refusal);
  }
}
