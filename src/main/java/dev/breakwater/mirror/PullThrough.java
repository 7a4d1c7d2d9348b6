package dev.breakwater.mirror;

import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.TagRecord;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Served;
import dev.breakwater.storage.BlobStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.OptionalLong;

/** What all pull-through repositories of all zones share. Thread-safe. */
public final class PullThrough {
  /** What a flight is for. */
  record Asked(ZoneName zone, RepositoryName repository, Reference reference) {}

  /** What a flight for a listing is for; {@code subject} is empty for tags. */
  record Listing(ZoneName zone, RepositoryName repository, String subject, String filter) {}

  private final CachedIndex index;
  private final BlobStore store;
  private final Fills fills;
  private final Prefetch prefetch;
  private final Freshness freshness;
  private final NegativeCache absent;
  private final SingleFlight<Asked, Served<Manifest>> manifestFlights;
  private final SingleFlight<Asked, Served<TagRecord>> tagFlights;
  private final SingleFlight<Asked, OptionalLong> blobHeads;
  private final SingleFlight<Listing, Served<List<Tag>>> tagLists;
  private final SingleFlight<Listing, Served<ReferrersListing>> referrers;

  /** Joins the parts. */
  public PullThrough(
      Vertx vertx,
      CachedIndex index,
      BlobStore store,
      Fills fills,
      Prefetch prefetch,
      Freshness freshness,
      NegativeCache absent,
      Metrics metrics) {
    this.index = index;
    this.store = store;
    this.fills = fills;
    this.prefetch = prefetch;
    this.freshness = freshness;
    this.absent = absent;
    this.manifestFlights = new SingleFlight<>(vertx, metrics, ContentKind.MANIFEST);
    this.tagFlights = new SingleFlight<>(vertx, metrics, ContentKind.MANIFEST);
    this.blobHeads = new SingleFlight<>(vertx, metrics, ContentKind.BLOB);
    this.tagLists = new SingleFlight<>(vertx, metrics, ContentKind.TAGS);
    this.referrers = new SingleFlight<>(vertx, metrics, ContentKind.REFERRERS);
  }

  CachedIndex index() {
    return index;
  }

  BlobStore store() {
    return store;
  }

  Fills fills() {
    return fills;
  }

  Prefetch prefetch() {
    return prefetch;
  }

  Freshness freshness() {
    return freshness;
  }

  NegativeCache absent() {
    return absent;
  }

  SingleFlight<Asked, Served<Manifest>> manifestFlights() {
    return manifestFlights;
  }

  SingleFlight<Asked, Served<TagRecord>> tagFlights() {
    return tagFlights;
  }

  SingleFlight<Listing, Served<List<Tag>>> tagLists() {
    return tagLists;
  }

  SingleFlight<Listing, Served<ReferrersListing>> referrers() {
    return referrers;
  }

  /** Asks upstream by HEAD for a blob, once for everyone who wants to know. */
  Future<OptionalLong> askForBlob(BlobSource source, Digest digest) {
    return blobHeads.join(
        new Asked(source.upstream().zone(), source.repository(), digest),
        () -> source.upstream().headBlob(source.repository(), digest),
        size -> size);
  }
}
