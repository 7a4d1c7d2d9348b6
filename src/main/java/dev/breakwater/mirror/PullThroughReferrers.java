package dev.breakwater.mirror;

import dev.breakwater.index.IndexChange;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Referrers;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.ReferrersAnswer;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The referrers of an upstream repository's manifests. A dockerd with the containerd store asks for
 * them on every pull of an image with attestations, warm ones too, so answers are kept as long as a
 * tag is, the "no such API" among them, and served on when upstream is unwell.
 */
record PullThroughReferrers(PullThrough mirror, BlobSource source) implements Referrers {
  @Override
  public Future<Served<ReferrersListing>> list(Digest subject, Optional<String> artifactType) {
    String filter = artifactType.orElse("");
    return mirror
        .index()
        .referrers(source.upstream().zone(), source.repository(), subject, filter)
        .compose(
            known ->
                known.isPresent() && isFresh(known.get())
                    ? listing(subject, known.get(), Provenance.HIT)
                    : known.isPresent()
                        ? renewed(subject, artifactType, known.get())
                        : refresh(subject, artifactType, known));
  }

  private Future<Served<ReferrersListing>> renewed(
      Digest subject, Optional<String> artifactType, ReferrersRecord known) {
    return OldOrNew.choose(
        mirror.vertx(),
        source.upstream().outlook(ContentKind.REFERRERS),
        () -> refresh(subject, artifactType, Optional.of(known)),
        trouble -> old(subject, known, trouble));
  }

  private Future<Served<ReferrersListing>> old(
      Digest subject, ReferrersRecord known, String trouble) {
    return mirror
        .stale(source.upstream().zone(), known, "upstream-" + trouble)
        .compose(stale -> listing(subject, known, stale.provenance()));
  }

  private boolean isFresh(ReferrersRecord known) {
    Freshness freshness = mirror.freshness();
    return freshness.isFresh(known.checkedAt(), freshness.timeToLive(source.upstream().zone()));
  }

  private Future<Served<ReferrersListing>> refresh(
      Digest subject, Optional<String> artifactType, Optional<ReferrersRecord> known) {
    return mirror
        .referrers()
        .join(
            new PullThrough.Listing(
                source.upstream().zone(),
                source.repository(),
                subject.toString(),
                artifactType.orElse("")),
            () -> ask(subject, artifactType),
            served -> new Served<>(served.value(), Provenance.COALESCED))
        .recover(failure -> staleOr(failure, subject, known));
  }

  private Future<Served<ReferrersListing>> ask(Digest subject, Optional<String> artifactType) {
    return source
        .upstream()
        .listReferrers(source.repository(), subject, artifactType)
        .compose(answer -> keep(subject, artifactType.orElse(""), answer));
  }

  private Future<Served<ReferrersListing>> keep(
      Digest subject, String filter, Optional<ReferrersAnswer> answer) {
    ReferrersRecord record =
        new ReferrersRecord(
            answer.map(ReferrersAnswer::index).orElse(new byte[0]),
            answer.map(ReferrersAnswer::filtered).orElse(false),
            mirror.freshness().now());
    return mirror
        .remember(
            List.of(
                new IndexChange.PutReferrers(
                    source.upstream().zone(), source.repository(), subject, filter, record)))
        .compose(ignored -> listing(subject, record, Provenance.MISS));
  }

  private Future<Served<ReferrersListing>> staleOr(
      Throwable failure, Digest subject, Optional<ReferrersRecord> known) {
    Optional<String> unwell = UpstreamFailures.unwell(failure);
    return known.isPresent() && unwell.isPresent()
        ? old(subject, known.get(), unwell.get())
        : Future.failedFuture(
            UpstreamFailures.ofManifest("referrers of " + subject + " in " + source, failure));
  }

  /** An empty record says that upstream has no such API: 404 sends the client to the tag schema. */
  private Future<Served<ReferrersListing>> listing(
      Digest subject, ReferrersRecord record, Provenance provenance) {
    return record.index().length == 0
        ? Future.failedFuture(
            new RegistryException(
                ErrorCode.MANIFEST_UNKNOWN,
                source.upstream().zone() + " does not list referrers of " + subject))
        : Future.succeededFuture(
            new Served<>(new ReferrersListing(record.index(), record.filtered()), provenance));
  }
}
