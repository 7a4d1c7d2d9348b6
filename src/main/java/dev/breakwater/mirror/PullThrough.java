package dev.breakwater.mirror;

import dev.breakwater.admin.api.PurgeInfo;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.mirror.download.Downloads;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Repository;
import dev.breakwater.registry.Served;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.upstream.ParseExecutor;
import dev.breakwater.upstream.SingleFlight;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the pull-through repositories of all zones, and holds what they share: at most one question
 * to upstream about a thing at a time, and what is known in memory only. Thread-safe.
 */
public final class PullThrough {
  private static final Logger log = LoggerFactory.getLogger(PullThrough.class);

  /**
   * What the operator decides.
   *
   * @param answer how long a client waits at the most for the head of its answer
   * @param keepsDeletedTags whether a tag that upstream has deleted is served on
   */
  public record Policy(Duration answer, boolean keepsDeletedTags) {}

  /**
   * What is here.
   *
   * @param recent is told of every use
   */
  public record Content(CachedIndex index, RecentUse recent, BlobStore store) {}

  /**
   * What brings the rest.
   *
   * @param absent remembers what upstream does not have
   */
  public record Fetching(Downloads downloads, Prefetch prefetch, NegativeCache absent) {}

  private final Vertx vertx;
  private final Content content;
  private final Fetching fetching;
  private final Freshness freshness;
  private final StaleFallback fallback;

  /**
   * Where upstream lately said that tags point, which the index does not know while what they point
   * at is not here yet, or while the disk is full: upstream need not be asked again for that.
   */
  private final RecentAnswers<TagRecord> observedTags = new RecentAnswers<>();

  /**
   * The referrers answers that list nothing: an empty listing, or that upstream has no referrers
   * API. Most subjects have such an answer and clients choose the subjects. Old ones stay, to be
   * served when upstream is down.
   */
  private final RecentAnswers<ReferrersRecord> emptyReferrers = new RecentAnswers<>();

  /** Of the registries of which only what is public is served. */
  private final Map<ZoneName, Visibility> visibilities = new ConcurrentHashMap<>();

  private final TagLists knownTagLists;
  private final SingleFlight<RepositoryReference, Served<Manifest>> manifests;
  private final SingleFlight<RepositoryReference, Served<TagRecord>> manifestHeads;
  private final SingleFlight<RepositoryReference, OptionalLong> blobHeads;
  private final SingleFlight<TagLists.Key, Served<List<Tag>>> tagLists;
  private final SingleFlight<RepositoryReference, Served<ReferrersRecord>> referrers;

  /** Its threads end with the Vert.x. */
  private final ParseExecutor parsing;

  /** No repository is made yet. */
  public PullThrough(
      Vertx vertx,
      Content content,
      Fetching fetching,
      Freshness freshness,
      Policy policy,
      Metrics metrics) {
    this.vertx = vertx;
    this.content = content;
    this.fetching = fetching;
    this.freshness = freshness;
    this.fallback = new StaleFallback(vertx, policy, metrics);
    this.knownTagLists = new TagLists(freshness);
    this.manifests = new SingleFlight<>(vertx, () -> metrics.coalesced(ContentKind.MANIFEST));
    this.manifestHeads = new SingleFlight<>(vertx, () -> metrics.coalesced(ContentKind.MANIFEST));
    this.blobHeads = new SingleFlight<>(vertx, () -> metrics.coalesced(ContentKind.BLOB));
    this.tagLists = new SingleFlight<>(vertx, () -> metrics.coalesced(ContentKind.TAGS));
    this.referrers = new SingleFlight<>(vertx, () -> metrics.coalesced(ContentKind.REFERRERS));
    this.parsing = new ParseExecutor(vertx);
  }

  /** The repository there, mirrored; it may be used for any number of requests. */
  Repository repository(UpstreamBlobSource source) {
    UpstreamRepository upstream = new UpstreamRepository(source, fetching.absent());
    RepositoryIndex index = facts(upstream.zone(), upstream.name());
    return new PullThroughRepository(
        upstream.zone(),
        upstream.name(),
        manifests(upstream, index),
        new PullThroughBlobs(
            upstream,
            index,
            new BlobPermissions(upstream, index, blobHeads),
            content.store(),
            fetching.downloads(),
            fetching.prefetch(),
            fallback),
        new PullThroughTagList(upstream, index, knownTagLists, fallback, tagLists),
        new PullThroughReferrers(
            upstream, index, freshness, fallback, emptyReferrers, referrers, parsing));
  }

  /** What is known of who may read that registry, which is asked as one that it does not know. */
  Visibility visibility(UpstreamRegistry anonymous) {
    Visibility made =
        new Visibility(
            vertx,
            anonymous,
            repository -> facts(anonymous.zone(), repository),
            freshness,
            fallback,
            fetching.absent());
    visibilities.put(anonymous.zone(), made);
    return made;
  }

  /** What anonymous users read of the repository. */
  Repository publicOnly(Repository repository, Visibility visibility) {
    return new PublicOnlyRepository(repository, visibility, fallback);
  }

  /** The repositories of which manifests are here, as {@link CachedIndex#repositories}. */
  Future<List<RepositoryName>> repositories(
      ZoneName zone, Optional<RepositoryName> after, int most) {
    return content
        .index()
        .repositories(Tables.MANIFESTS, zone, after, most)
        .recover(
            failure ->
                Future.failedFuture(
                    new RegistryException(
                        ErrorCode.UNAVAILABLE,
                        FailureCause.DISK,
                        "catalog of " + zone + " cannot be read from the mirror's index",
                        null,
                        failure)));
  }

  private RepositoryIndex facts(ZoneName zone, RepositoryName repository) {
    return new RepositoryIndex(content.index(), content.recent(), freshness::now, zone, repository);
  }

  private PullThroughManifests manifests(UpstreamRepository upstream, RepositoryIndex index) {
    PullThroughTags tags =
        new PullThroughTags(upstream, index, freshness, fallback, observedTags, manifestHeads);
    return new PullThroughManifests(
        upstream, index, tags, fetching.prefetch(), fallback, manifestHeads, manifests);
  }

  /** Fetches a blob into the store; completes with whether it is there then. */
  Future<Boolean> refetch(UpstreamBlobSource source, Digest digest, long size) {
    Downloads downloads = fetching.downloads();
    return downloads
        .prefetch(digest, source, size)
        .compose(ended -> downloads.ended(digest))
        .compose(ended -> content.store().isStored(digest));
  }

  /**
   * Forgets what upstream said of a repository, refusals and where its tags point: the next pull
   * asks anew. What is stored stays, and digests go on to be served; what broken downloads left is
   * removed. For operators, and for what knows better than upstream said.
   *
   * @param only the only tag to forget; empty for all that are known
   */
  public Future<PurgeInfo> purge(ZoneName zone, RepositoryName repository, Optional<Tag> only) {
    int refusals = fetching.absent().forget(zone, repository);
    int listings = emptyReferrers.forget(zone, repository) + knownTagLists.forget(zone, repository);
    Set<Reference> tags = new HashSet<>(observedTags.forget(zone, repository, only));
    Visibility visibility = visibilities.get(zone);
    return (visibility == null ? Future.<Void>succeededFuture() : visibility.expire(repository))
        .compose(expired -> forgetTags(zone, repository, only))
        .onSuccess(tags::addAll)
        .compose(forgotten -> discardLeftovers(zone, repository))
        .map(
            downloads ->
                new PurgeInfo(repository.value(), tags.size(), refusals, listings, downloads));
  }

  /** Takes them out of the index; which there were. */
  private Future<List<Tag>> forgetTags(
      ZoneName zone, RepositoryName repository, Optional<Tag> only) {
    return facts(zone, repository)
        .tags()
        .map(tags -> tags.stream().filter(tag -> only.isEmpty() || tag.equals(only.get())).toList())
        .compose(
            tags ->
                content
                    .index()
                    .apply(
                        tags.stream()
                            .<Change>map(
                                each ->
                                    Tables.TAGS.delete(new InRepository<>(zone, repository, each)))
                            .toList())
                    .map(tags));
  }

  /** Removes what broken downloads of this repository's blobs left on the disk; how many. */
  private Future<Integer> discardLeftovers(ZoneName zone, RepositoryName repository) {
    return vertx
        .executeBlocking(() -> content.store().parts().leftovers(Instant.MAX), false)
        .map(Objects::requireNonNull)
        .compose(
            left -> {
              List<Future<Boolean>> each =
                  left.stream()
                      .map(
                          download ->
                              discardIfLinked(zone, repository, download.digest())
                                  .otherwise(failure -> notDiscarded(repository, failure)))
                      .toList();
              return Future.join(each)
                  .map(all -> (int) each.stream().filter(Future::result).count());
            })
        .otherwise(
            failure -> {
              notDiscarded(repository, failure);
              return 0;
            });
  }

  private static boolean notDiscarded(RepositoryName repository, Throwable failure) {
    log.warn(
        "unfinished downloads of {} are not all removed: {}", repository, DiskReason.of(failure));
    return false;
  }

  private Future<Boolean> discardIfLinked(ZoneName zone, RepositoryName repository, Digest digest) {
    return facts(zone, repository)
        .link(digest)
        .compose(
            link ->
                link.isPresent()
                    ? vertx
                        .executeBlocking(() -> content.store().parts().discard(digest), false)
                        .map(Boolean.TRUE::equals)
                    : Future.succeededFuture(false));
  }
}
