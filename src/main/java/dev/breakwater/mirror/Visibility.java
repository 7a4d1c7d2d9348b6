package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.index.VisibilityRecord;
import dev.breakwater.mirror.NegativeCache.Asked;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.SingleFlight;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamHealth;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a registry gives its repositories to anonymous users. Its last word on a repository
 * counts for as long as a tag is fresh; then it is asked again, without a login. While it is
 * unavailable its last word goes on to count, and without one a repository is not public.
 * Thread-safe.
 */
final class Visibility {
  /*
   * Registries decide by repository, so an answer about one manifest is good for all that is in its
   * repository: 200 says that it is public, 401 and 403 say that it is not. 404 says either of two
   * things: that anonymous users do not see the repository, or that it has no such manifest. So
   * asking for what does not exist must not close a repository: the manifest by which it last proved
   * to be public (the evidence) is asked for first, and what the client wants only if that is
   * absent. If both are absent the repository is not public, but each request for something else may
   * prove the contrary.
   *
   * A word counts from when the question was asked, not from when the answer came, and an answer
   * does not replace that to a later question.
   */

  /** Clients choose the names. */
  private static final int KNOWN = 10_000;

  /** How long a request waits for the answer while the last word was "public". */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Logger log = LoggerFactory.getLogger(Visibility.class);

  /**
   * What is asked for.
   *
   * @param about a manifest or blob; empty for the list of tags
   */
  private record Question(RepositoryName repository, ContentKind kind, Optional<Reference> about) {}

  private final UpstreamRegistry anonymous;
  private final Function<RepositoryName, RepositoryIndex> facts;
  private final Freshness freshness;
  private final StaleFallback fallback;
  private final NegativeCache absent;
  private final SingleFlight<Question, VisibilityRecord> flights;
  private final Cache<RepositoryName, VisibilityRecord> known =
      Caffeine.newBuilder().maximumSize(KNOWN).build();

  /**
   * Nothing is known yet but what the index says.
   *
   * @param anonymous the registry, asked as one that it does not know
   */
  Visibility(
      Vertx vertx,
      UpstreamRegistry anonymous,
      Function<RepositoryName, RepositoryIndex> facts,
      Freshness freshness,
      StaleFallback fallback,
      NegativeCache absent) {
    this.anonymous = anonymous;
    this.facts = facts;
    this.freshness = freshness;
    this.fallback = fallback;
    this.absent = absent;
    this.flights = new SingleFlight<>(vertx, () -> {});
  }

  private ZoneName zone() {
    return anonymous.zone();
  }

  /** Whether it is known to be public without asking; from memory. */
  boolean isPublic(RepositoryName repository, Optional<Reference> wanted) {
    VisibilityRecord told = known.getIfPresent(repository);
    return told != null && told.isPublic() && isFresh(told, repository, wanted);
  }

  /** A tag that is to be asked for more often than others takes this along, never less often. */
  private boolean isFresh(
      VisibilityRecord told, RepositoryName repository, Optional<Reference> wanted) {
    return freshness.isFresh(told.checkedAt(), freshness.timeToLive(zone()))
        && (!(wanted.orElse(null) instanceof Tag tag)
            || freshness.isFresh(told.checkedAt(), freshness.timeToLive(zone(), repository, tag)));
  }

  /**
   * Whether it is public, upstream being asked if that is not known. Fails with {@link
   * UpstreamException} if upstream gives no answer and has given none before.
   *
   * @param kind what the client wants: a manifest, a blob or the list of tags
   * @param wanted which one
   */
  Future<Boolean> learn(RepositoryName repository, ContentKind kind, Optional<Reference> wanted) {
    Question own = new Question(repository, kind, wanted);
    return find(repository)
        .compose(told -> told.isPresent() ? renewed(own, told.get()) : ask(own, Optional.empty()))
        .map(VisibilityRecord::isPublic);
  }

  /** Those of them whose last word was that they are public, whenever that was. */
  Future<List<RepositoryName>> publicOnes(List<RepositoryName> repositories) {
    List<Future<Optional<VisibilityRecord>>> told = repositories.stream().map(this::find).toList();
    return Future.all(told)
        .map(
            all ->
                IntStream.range(0, told.size())
                    .filter(
                        i -> told.get(i).result().filter(VisibilityRecord::isPublic).isPresent())
                    .mapToObj(repositories::get)
                    .toList());
  }

  /** Asks upstream before this counts again, unless it is unavailable. */
  Future<Void> expire(RepositoryName repository) {
    return find(repository)
        .compose(
            told -> {
              if (told.isEmpty()) {
                return Future.succeededFuture();
              }
              VisibilityRecord old =
                  new VisibilityRecord(told.get().isPublic(), told.get().evidence(), 0);
              known.put(repository, old);
              return facts.apply(repository).put(old);
            });
  }

  private Future<Optional<VisibilityRecord>> find(RepositoryName repository) {
    VisibilityRecord told = known.getIfPresent(repository);
    return told != null
        ? Future.succeededFuture(Optional.of(told))
        : facts
            .apply(repository)
            .visibility()
            .map(
                stored -> {
                  stored.ifPresent(record -> known.asMap().putIfAbsent(repository, record));
                  return Optional.ofNullable(known.getIfPresent(repository)).or(() -> stored);
                });
  }

  private Future<VisibilityRecord> renewed(Question own, VisibilityRecord told) {
    if (isFresh(told, own.repository(), own.about())) {
      return Future.succeededFuture(told);
    }
    UpstreamHealth health =
        anonymous.health(told.evidence().isPresent() ? ContentKind.MANIFEST : own.kind());
    if (!health.mayAsk()) {
      return Future.succeededFuture(told);
    }
    Future<VisibilityRecord> answer =
        ask(own, Optional.of(told))
            .recover(
                failure ->
                    UpstreamFailures.unavailability(failure).isPresent()
                        ? Future.succeededFuture(told)
                        : Future.failedFuture(failure));
    // A registry that has fallen silent has no patience left; one that answers gets enough time.
    Duration patience = health.patience().isZero() ? Duration.ZERO : PATIENCE;
    return told.isPublic()
        ? fallback.within(patience, answer, () -> Future.succeededFuture(told))
        : answer;
  }

  private Future<VisibilityRecord> ask(Question own, Optional<VisibilityRecord> told) {
    long begun = freshness.now();
    Question first =
        told.flatMap(VisibilityRecord::evidence)
            .map(
                evidence ->
                    new Question(own.repository(), ContentKind.MANIFEST, Optional.of(evidence)))
            .orElse(own);
    return one(first, told)
        .recover(
            failure ->
                UpstreamFailures.isAbsence(failure) && !first.equals(own)
                    ? one(own, told)
                    : Future.failedFuture(failure))
        .recover(
            failure ->
                UpstreamFailures.isAbsence(failure)
                    ? keep(own.repository(), record(false, told, 0), told, begun)
                    : Future.failedFuture(failure));
  }

  private static VisibilityRecord record(
      boolean isPublic, Optional<VisibilityRecord> told, long checkedAt) {
    return new VisibilityRecord(isPublic, told.flatMap(VisibilityRecord::evidence), checkedAt);
  }

  /** One question, and one request for all that wait; fails if what it is about is absent. */
  private Future<VisibilityRecord> one(Question question, Optional<VisibilityRecord> told) {
    return refuseKnown(question)
        .transform(
            remembered -> {
              if (remembered.succeeded()) {
                return flights.join(question, () -> fly(question, told), same -> same);
              }
              return UpstreamFailures.isAbsence(remembered.cause())
                  ? Future.failedFuture(remembered.cause())
                  : Future.succeededFuture(record(false, told, 0));
            });
  }

  private Future<VisibilityRecord> fly(Question question, Optional<VisibilityRecord> told) {
    RepositoryName repository = question.repository();
    long begun = freshness.now();
    return send(question, told.filter(VisibilityRecord::isPublic).isPresent())
        .compose(
            evidence ->
                keep(
                    repository,
                    new VisibilityRecord(
                        true, evidence.or(() -> told.flatMap(VisibilityRecord::evidence)), begun),
                    told,
                    begun))
        .recover(
            failure -> {
              remember(question, failure);
              return UpstreamFailures.isRefusal(failure) && !UpstreamFailures.isAbsence(failure)
                  ? keep(repository, record(false, told, begun), told, begun)
                  : Future.failedFuture(failure);
            });
  }

  /** Completes with what may be asked for the next time, if upstream gives it. */
  private Future<Optional<Reference>> send(Question question, boolean wasPublic) {
    Supplier<Future<Optional<Reference>>> request = () -> request(question);
    return wasPublic ? request.get() : absent.guesses().ask(zone(), request, answer -> false);
  }

  private Future<Optional<Reference>> request(Question question) {
    RepositoryName repository = question.repository();
    return switch (question.about().orElse(null)) {
      case null ->
          anonymous
              .listTags(repository)
              .map(tags -> tags.isEmpty() ? Optional.empty() : Optional.of(tags.getLast()));
      case Digest blob when question.kind() == ContentKind.BLOB ->
          anonymous.headBlob(repository, blob).map(size -> Optional.empty());
      case Reference manifest ->
          anonymous.headManifest(repository, manifest).map(head -> Optional.of(head.digest()));
    };
  }

  private Future<Void> refuseKnown(Question question) {
    return reference(question)
        .map(reference -> absent.refuseKnown(asked(question), reference))
        .orElseGet(Future::succeededFuture);
  }

  private void remember(Question question, Throwable failure) {
    reference(question)
        .ifPresent(reference -> absent.remember(asked(question), reference, failure));
  }

  private Optional<RepositoryReference> reference(Question question) {
    return question.about().map(it -> new RepositoryReference(zone(), question.repository(), it));
  }

  private static Asked asked(Question question) {
    return question.kind() == ContentKind.BLOB ? Asked.ANONYMOUS_BLOB : Asked.ANONYMOUS_MANIFEST;
  }

  /**
   * Keeps an answer, in memory in any case: a disk that takes no writes must not open what upstream
   * has closed. What was never public need not be stored: without a word it is not served either.
   *
   * @param begun when the question was asked
   */
  private Future<VisibilityRecord> keep(
      RepositoryName repository,
      VisibilityRecord answer,
      Optional<VisibilityRecord> told,
      long begun) {
    long now = freshness.now();
    VisibilityRecord kept =
        known
            .asMap()
            .merge(
                repository,
                answer,
                (old, given) -> old.checkedAt() > begun && old.checkedAt() <= now ? old : given);
    boolean wasPublic = told.filter(VisibilityRecord::isPublic).isPresent();
    if (wasPublic && !kept.isPublic()) {
      log.info(
          "[{}] {} is no longer public: upstream refuses it to anonymous users, and so it is"
              + " refused here (upstreams.{}.publicOnly)",
          zone(),
          repository,
          zone());
    }
    return (kept.isPublic() || wasPublic
            ? facts.apply(repository).put(kept)
            : Future.<Void>succeededFuture())
        .map(kept);
  }
}
