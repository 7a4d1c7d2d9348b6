package dev.breakwater.mirror;

import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.ReferrersIndex;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Referrers;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.ParseExecutor;
import dev.breakwater.upstream.SingleFlight;
import dev.breakwater.upstream.UpstreamHealth;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The referrers of an upstream repository's manifests. A dockerd with the containerd store asks for
 * them on every pull of an image with attestations, warm ones too, so answers stay fresh as long as
 * a tag does, "no referrers API" among them, and are served on when upstream fails.
 *
 * <p>Upstream is always asked for the whole listing, and the client's filter is applied here: one
 * record per subject, however many filters clients choose.
 */
record PullThroughReferrers(
    UpstreamRepository upstream,
    RepositoryIndex index,
    Freshness freshness,
    StaleFallback fallback,
    RecentAnswers<ReferrersRecord> empty,
    SingleFlight<RepositoryReference, Served<ReferrersRecord>> flights,
    ParseExecutor parsing)
    implements Referrers {
  private static final byte[] NO_API = {};

  @Override
  public Future<Served<ReferrersListing>> list(Digest subject, Optional<String> artifactType) {
    return known(subject)
        .compose(known -> record(subject, known))
        .compose(served -> listing(subject, artifactType, served));
  }

  /** What lists nothing is known from memory, and replaces what the index may still hold. */
  private Future<Optional<ReferrersRecord>> known(Digest subject) {
    Optional<ReferrersRecord> nothing = empty.find(upstream.reference(subject));
    return nothing.isPresent() ? Future.succeededFuture(nothing) : index.referrers(subject);
  }

  private Future<Served<ReferrersRecord>> record(Digest subject, Optional<ReferrersRecord> known) {
    if (known.isEmpty()) {
      return refresh(subject).recover(failure -> refused(subject, failure));
    }
    ReferrersRecord old = known.get();
    if (freshness.isFresh(old.checkedAt(), freshness.timeToLive(upstream.zone()))) {
      return Future.succeededFuture(new Served<>(old, Provenance.HIT));
    }
    UpstreamHealth health = upstream.health(ContentKind.REFERRERS);
    return health.mayAsk()
        ? fallback.within(
            health.patience(),
            refresh(subject).recover(failure -> oldOr(subject, old, failure)),
            () -> old(old, health.trouble()))
        : old(old, health.trouble());
  }

  private Future<Served<ReferrersRecord>> old(ReferrersRecord known, String trouble) {
    return fallback.stale(upstream.zone(), known, trouble);
  }

  private Future<Served<ReferrersRecord>> oldOr(
      Digest subject, ReferrersRecord known, Throwable failure) {
    Optional<String> trouble = UpstreamFailures.unavailability(failure);
    return trouble.isPresent() ? old(known, trouble.get()) : refused(subject, failure);
  }

  private Future<Served<ReferrersRecord>> refused(Digest subject, Throwable failure) {
    return Future.failedFuture(
        UpstreamFailures.ofManifest("referrers of " + subject + " in " + upstream, failure));
  }

  private Future<Served<ReferrersRecord>> refresh(Digest subject) {
    return flights.join(
        upstream.reference(subject),
        () -> ask(subject).compose(answer -> keep(subject, answer)),
        served -> new Served<>(served.value(), Provenance.COLLAPSED));
  }

  /** Most manifests have no referrers: only those of a manifest that is not here are a guess. */
  private Future<Optional<ReferrersIndex>> ask(Digest subject) {
    Supplier<Future<Optional<ReferrersIndex>>> question =
        () -> upstream.registry().listReferrers(upstream.name(), subject);
    return index
        .manifest(subject)
        .compose(
            manifest ->
                manifest.isPresent()
                    ? question.get()
                    : upstream.guess(question, PullThroughReferrers::listsNothing));
  }

  private static boolean listsNothing(Optional<ReferrersIndex> answer) {
    return answer.isEmpty() || answer.get().isEmpty();
  }

  private Future<Served<ReferrersRecord>> keep(Digest subject, Optional<ReferrersIndex> answer) {
    ReferrersRecord record =
        new ReferrersRecord(
            answer.map(ReferrersIndex::toBytes).orElse(NO_API), false, freshness.now());
    return (listsNothing(answer) ? keepEmpty(subject, record) : keepListing(subject, record))
        .map(ignored -> new Served<>(record, Provenance.MISS));
  }

  private Future<Void> keepEmpty(Digest subject, ReferrersRecord record) {
    empty.put(upstream.reference(subject), record);
    return index
        .referrers(subject)
        .compose(
            former -> former.isEmpty() ? Future.succeededFuture() : index.deleteReferrers(subject));
  }

  private Future<Void> keepListing(Digest subject, ReferrersRecord record) {
    return index.put(subject, record).onComplete(kept -> empty.remove(upstream.reference(subject)));
  }

  /** Without a referrers API 404 sends the client to the referrers tag schema. */
  private Future<Served<ReferrersListing>> listing(
      Digest subject, Optional<String> artifactType, Served<ReferrersRecord> served) {
    byte[] index = served.value().index();
    if (index.length == 0) {
      return Future.failedFuture(
          new RegistryException(
              ErrorCode.MANIFEST_UNKNOWN,
              FailureCause.UPSTREAM_404,
              upstream.zone() + " does not list referrers of " + subject,
              null,
              null));
    }
    return artifactType
        .map(type -> parsing.run(index.length, () -> filtered(index, type)))
        .orElseGet(() -> Future.succeededFuture(index))
        .map(
            listed ->
                new Served<>(
                    new ReferrersListing(listed, artifactType.isPresent()), served.provenance()));
  }

  private static byte[] filtered(byte[] index, String artifactType) {
    return ReferrersIndex.parse(index).orElse(ReferrersIndex.EMPTY).ofType(artifactType).toBytes();
  }
}
