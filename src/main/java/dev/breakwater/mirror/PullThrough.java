package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.upstream.ManifestHead;
import dev.breakwater.upstream.ParseExecutor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all pull-through repositories of all zones share. Thread-safe. */
public final class PullThrough {
  private static final String UPSTREAM = "upstream-";
  private static final Logger log = LoggerFactory.getLogger(PullThrough.class);

  /** What a flight is for. */
  record Asked(ZoneName zone, RepositoryName repository, Reference reference) {}

  /** What a flight for a listing is for; {@code subject} is empty for tags. */
  record Listing(ZoneName zone, RepositoryName repository, String subject, String filter) {}

  /**
   * What the operator decides.
   *
   * @param answer how long a client waits at the most for the head of its answer
   * @param keepsDeletedTags whether a tag that upstream has deleted is served on
   */
  public record Policy(Duration answer, boolean keepsDeletedTags) {}

  private final Vertx vertx;
  private final CachedIndex index;
  private final BlobStore store;
  private final Downloads downloads;
  private final Prefetch prefetch;
  private final RecentUse recent;
  private final Freshness freshness;
  private final NegativeCache absent;
  private final Policy policy;
  private final Metrics metrics;
  private final Cache<Asked, Boolean> deletedTags =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofHours(1)).build();
  private final ObservedTags observedTags = new ObservedTags();
  private final SingleFlight<Asked, Served<Manifest>> manifestFlights;
  private final SingleFlight<Asked, Served<TagRecord>> tagFlights;
  private final SingleFlight<Asked, OptionalLong> blobHeads;
  private final SingleFlight<Listing, Served<List<Tag>>> tagLists;
  private final SingleFlight<Listing, Served<ReferrersRecord>> referrers;
  private final ReferrersMemory emptyReferrers = new ReferrersMemory();
  private final TagLists knownTagLists;
  private final ParseExecutor parsing;

  /** Joins the parts. */
  public PullThrough(
      Vertx vertx,
      CachedIndex index,
      BlobStore store,
      Downloads downloads,
      Prefetch prefetch,
      RecentUse recent,
      Freshness freshness,
      NegativeCache absent,
      Policy policy,
      Metrics metrics) {
    this.vertx = vertx;
    this.index = index;
    this.store = store;
    this.downloads = downloads;
    this.prefetch = prefetch;
    this.recent = recent;
    this.freshness = freshness;
    this.absent = absent;
    this.knownTagLists = new TagLists(freshness);
    this.parsing = new ParseExecutor(vertx);
    this.policy = policy;
    this.metrics = metrics;
    this.manifestFlights = new SingleFlight<>(vertx, metrics, ContentKind.MANIFEST);
    this.tagFlights = new SingleFlight<>(vertx, metrics, ContentKind.MANIFEST);
    this.blobHeads = new SingleFlight<>(vertx, metrics, ContentKind.BLOB);
    this.tagLists = new SingleFlight<>(vertx, metrics, ContentKind.TAGS);
    this.referrers = new SingleFlight<>(vertx, metrics, ContentKind.REFERRERS);
  }

  CachedIndex index() {
    return index;
  }

  /**
   * Notes facts that the answer at hand does not depend on: an index that takes no writes, on a
   * full disk, must not fail a pull. Never fails.
   */
  Future<Void> remember(List<Change> changes) {
    return index
        .apply(changes)
        .recover(
            failure -> {
              log.debug("the index took no note: {}", failure.toString());
              return Future.succeededFuture();
            });
  }

  /** Notes that somebody gets this manifest, or is told of it. */
  void used(ZoneName zone, RepositoryName repository, Digest manifest) {
    recent.manifest(zone, repository, manifest, freshness.now());
  }

  /** Notes that somebody reads this blob. */
  void used(Digest blob) {
    recent.blob(blob, freshness.now());
  }

  BlobStore store() {
    return store;
  }

  Downloads downloads() {
    return downloads;
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

  ObservedTags observedTags() {
    return observedTags;
  }

  Vertx vertx() {
    return vertx;
  }

  /**
   * The answer, or a {@link TimeoutException} when a client would give up on it: several requests
   * to upstream in a row may take longer than each may.
   *
   * @param late takes an answer that comes too late
   */
  <T> Future<T> inTime(Future<T> answer, Consumer<T> late) {
    return StaleFallback.inTime(
        vertx, policy.answer().toMillis(), answer, TimeoutException::new, late);
  }

  boolean keepsDeletedTags() {
    return policy.keepsDeletedTags();
  }

  /** A tag that upstream has deleted is served on; says so, but not for every pull. */
  void keptDeleted(Asked tag) {
    metrics.stale(tag.zone().value(), "deleted");
    if (deletedTags.asMap().putIfAbsent(tag, true) == null) {
      log.info(
          "[{}] {}:{} is gone upstream; what it was is served on (cache.deletedTags)",
          tag.zone(),
          tag.repository(),
          tag.reference());
    }
  }

  /** An old answer, because there is no new one; {@code why} is one of a closed set of words. */
  <T> Future<Served<T>> stale(ZoneName zone, T old, String why) {
    metrics.stale(zone.value(), why.startsWith(UPSTREAM) ? why.substring(UPSTREAM.length()) : why);
    return Future.succeededFuture(new Served<>(old, Provenance.stale(why)));
  }

  /** What upstream says now. */
  TagRecord recordOf(ManifestHead head) {
    return new TagRecord(head.digest(), head.mediaType(), head.size(), freshness.now());
  }

  /**
   * Forgets what upstream said of a repository, refusals and where its tags point: the next pull
   * asks anew. What is stored stays, and digests go on to be served; what broken downloads left is
   * removed. For operators, and for what knows better than upstream said.
   *
   * @param tag the only tag to forget; empty for all that are known
   */
  public Future<Void> purge(ZoneName zone, RepositoryName repository, Optional<Tag> tag) {
    absent.forget(zone, repository);
    observedTags.forget(zone, repository);
    emptyReferrers.forget(zone, repository);
    knownTagLists.forget(zone, repository);
    return (tag.isPresent()
            ? Future.succeededFuture(List.of(tag.get()))
            : index.names(Tables.TAGS, zone, repository))
        .compose(
            tags ->
                index.apply(
                    tags.stream()
                        .<Change>map(
                            each -> Tables.TAGS.delete(new InRepository<>(zone, repository, each)))
                        .toList()))
        .compose(forgotten -> discardLeftovers(zone, repository));
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

  SingleFlight<Listing, Served<ReferrersRecord>> referrers() {
    return referrers;
  }

  ReferrersMemory emptyReferrers() {
    return emptyReferrers;
  }

  /** Its threads end with the Vert.x. */
  ParseExecutor parsing() {
    return parsing;
  }

  TagLists knownTagLists() {
    return knownTagLists;
  }

  /** Asks upstream by HEAD for a blob, once for everyone who wants to know. */
  Future<OptionalLong> askForBlob(BlobSource source, Digest digest) {
    return blobHeads.join(
        new Asked(source.upstream().zone(), source.repository(), digest),
        () ->
            absent
                .guesses()
                .ask(
                    source.upstream().zone(),
                    () -> source.upstream().headBlob(source.repository(), digest)),
        size -> size);
  }

  /** Removes what broken downloads of this repository's blobs left on the disk. */
  private Future<Void> discardLeftovers(ZoneName zone, RepositoryName repository) {
    return vertx
        .executeBlocking(() -> store.parts().leftovers(Instant.MAX), false)
        .map(Objects::requireNonNull)
        .compose(
            left ->
                Future.join(
                    left.stream()
                        .map(download -> discardIfLinked(zone, repository, download.digest()))
                        .toList()))
        .<Void>mapEmpty()
        .recover(
            failure -> {
              log.warn("leftovers of {} are not all removed: {}", repository, failure.toString());
              return Future.succeededFuture();
            });
  }

  private Future<Void> discardIfLinked(ZoneName zone, RepositoryName repository, Digest digest) {
    return index
        .get(Tables.LINKS, new InRepository<>(zone, repository, digest))
        .compose(
            link ->
                link.isPresent()
                    ? vertx.executeBlocking(() -> store.parts().discard(digest), false).mapEmpty()
                    : Future.succeededFuture());
  }
}
