package dev.breakwater.mirror;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Subject;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.ReferrersIndex;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Referrers;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The referrers of an upstream repository's manifests. A dockerd with the containerd store asks for
 * them on every pull of an image with attestations, warm ones too, so answers stay fresh as long as
 * a tag does, "no referrers API" among them, and are served on when upstream fails.
 *
 * <p>Upstream is always asked for the whole listing, and the client's filter is applied here: one
 * record per subject, however many filters clients choose.
 */
final class PullThroughReferrers implements Referrers {
  /** The index has one record per subject, the unfiltered one. */
  private static final String UNFILTERED = "";

  private static final byte[] NO_API = {};

  private final PullThrough mirror;
  private final BlobSource source;
  private final ZoneName zone;
  private final RepositoryName name;

  PullThroughReferrers(PullThrough mirror, BlobSource source) {
    this.mirror = mirror;
    this.source = source;
    this.zone = source.upstream().zone();
    this.name = source.repository();
  }

  @Override
  public Future<Served<ReferrersListing>> list(Digest subject, Optional<String> artifactType) {
    return known(subject)
        .compose(known -> record(subject, known))
        .compose(served -> listing(subject, artifactType, served));
  }

  /** What lists nothing is known from memory, and replaces what the index may still hold. */
  private Future<Optional<ReferrersRecord>> known(Digest subject) {
    Optional<ReferrersRecord> empty = mirror.emptyReferrers().find(zone, name, subject);
    return empty.isPresent()
        ? Future.succeededFuture(empty)
        : mirror
            .index()
            .get(
                Tables.REFERRERS, new InRepository<>(zone, name, new Subject(subject, UNFILTERED)));
  }

  private Future<Served<ReferrersRecord>> record(Digest subject, Optional<ReferrersRecord> known) {
    if (known.isEmpty()) {
      return refresh(subject)
          .recover(
              failure ->
                  Future.failedFuture(
                      UpstreamFailures.ofManifest(
                          "referrers of " + subject + " in " + source, failure)));
    }
    ReferrersRecord old = known.get();
    if (isFresh(old)) {
      return Future.succeededFuture(new Served<>(old, Provenance.HIT));
    }
    return StaleFallback.choose(
        mirror.vertx(),
        source.upstream().health(ContentKind.REFERRERS),
        () -> refresh(subject).recover(failure -> oldOr(subject, old, failure)),
        trouble -> old(old, trouble));
  }

  private boolean isFresh(ReferrersRecord known) {
    Freshness freshness = mirror.freshness();
    return freshness.isFresh(known.checkedAt(), freshness.timeToLive(zone));
  }

  private Future<Served<ReferrersRecord>> old(ReferrersRecord known, String trouble) {
    return mirror.stale(zone, known, "upstream-" + trouble);
  }

  private Future<Served<ReferrersRecord>> oldOr(
      Digest subject, ReferrersRecord known, Throwable failure) {
    Optional<String> trouble = UpstreamFailures.unavailability(failure);
    return trouble.isPresent()
        ? old(known, trouble.get())
        : Future.failedFuture(
            UpstreamFailures.ofManifest("referrers of " + subject + " in " + source, failure));
  }

  private Future<Served<ReferrersRecord>> refresh(Digest subject) {
    return mirror
        .referrers()
        .join(
            new PullThrough.Listing(zone, name, subject.toString(), UNFILTERED),
            () -> ask(subject).compose(answer -> keep(subject, answer)),
            served -> new Served<>(served.value(), Provenance.COALESCED));
  }

  /** Most manifests have no referrers: only those of a manifest that is not here are a guess. */
  private Future<Optional<ReferrersIndex>> ask(Digest subject) {
    return mirror
        .index()
        .get(Tables.MANIFESTS, new InRepository<>(zone, name, subject))
        .compose(
            manifest ->
                manifest.isPresent()
                    ? source.upstream().listReferrers(name, subject)
                    : mirror
                        .absent()
                        .guesses()
                        .ask(
                            zone,
                            () -> source.upstream().listReferrers(name, subject),
                            answer -> answer.isEmpty() || answer.get().isEmpty()));
  }

  private Future<Served<ReferrersRecord>> keep(Digest subject, Optional<ReferrersIndex> answer) {
    ReferrersRecord record =
        new ReferrersRecord(
            answer.map(ReferrersIndex::toBytes).orElse(NO_API), false, mirror.freshness().now());
    return (answer.isEmpty() || answer.get().isEmpty()
            ? keepEmpty(subject, record)
            : keepListing(subject, record))
        .map(ignored -> new Served<>(record, Provenance.MISS));
  }

  private Future<Void> keepEmpty(Digest subject, ReferrersRecord record) {
    mirror.emptyReferrers().put(zone, name, subject, record);
    return mirror
        .index()
        .get(Tables.REFERRERS, new InRepository<>(zone, name, new Subject(subject, UNFILTERED)))
        .compose(
            former ->
                former.isEmpty()
                    ? Future.succeededFuture()
                    : mirror.remember(
                        List.of(
                            Tables.REFERRERS.delete(
                                new InRepository<>(
                                    zone, name, new Subject(subject, UNFILTERED))))));
  }

  private Future<Void> keepListing(Digest subject, ReferrersRecord record) {
    return mirror
        .remember(
            List.of(
                Tables.REFERRERS.put(
                    new InRepository<>(zone, name, new Subject(subject, UNFILTERED)), record)))
        .onComplete(kept -> mirror.emptyReferrers().remove(zone, name, subject));
  }

  /** Without a referrers API 404 sends the client to the referrers tag schema. */
  private Future<Served<ReferrersListing>> listing(
      Digest subject, Optional<String> artifactType, Served<ReferrersRecord> served) {
    byte[] index = served.value().index();
    if (index.length == 0) {
      return Future.failedFuture(
          RegistryException.absent(
              ErrorCode.MANIFEST_UNKNOWN, zone + " does not list referrers of " + subject, null));
    }
    return artifactType
        .map(type -> mirror.parsing().run(index.length, () -> filtered(index, type)))
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
