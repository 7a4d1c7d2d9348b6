package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The old answers, and for how long a new one is waited for: a registry that is slow or dead must
 * not hold up what is cached. Thread-safe.
 */
final class StaleFallback {
  private static final Logger log = LoggerFactory.getLogger(StaleFallback.class);

  private final Vertx vertx;
  private final PullThrough.Policy policy;
  private final Metrics metrics;
  private final Cache<RepositoryReference, Boolean> deletedTags =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofHours(1)).build();

  StaleFallback(Vertx vertx, PullThrough.Policy policy, Metrics metrics) {
    this.vertx = vertx;
    this.policy = policy;
    this.metrics = metrics;
  }

  /**
   * The new answer if it comes so soon, else the old one. What was asked goes on all the same, for
   * those who come later. Completes on the current context.
   */
  <T> Future<T> within(Duration patience, Future<T> renewed, Supplier<Future<T>> old) {
    if (renewed.isComplete()) {
      return renewed;
    }
    long millis = patience.toMillis();
    if (millis <= 0) {
      return old.get();
    }
    return first(
        millis, renewed, waiting -> old.get().onSuccess(waiting::tryComplete), tooLate -> {});
  }

  /**
   * The answer, or a {@link TimeoutException} when a client would give up on it, which it does
   * after 30 s: several requests to upstream in a row may take longer than each may.
   *
   * @param late takes an answer that comes too late
   */
  <T> Future<T> inTime(Future<T> answer, Consumer<T> late) {
    long millis = Math.max(1, policy.answer().toMillis());
    return answer.isComplete()
        ? answer
        : first(millis, answer, waiting -> waiting.tryFail(new TimeoutException()), late);
  }

  private <T> Future<T> first(
      long millis, Future<T> answer, Consumer<Promise<T>> otherwise, Consumer<T> late) {
    Promise<T> first = Promise.promise();
    long timer = vertx.setTimer(millis, id -> otherwise.accept(first));
    answer.onComplete(
        result -> {
          vertx.cancelTimer(timer);
          if (result.failed()) {
            first.tryFail(result.cause());
          } else if (!first.tryComplete(result.result())) {
            late.accept(result.result());
          }
        });
    return first.future();
  }

  /** An old answer, because of this trouble with upstream, one of a closed set of words. */
  <T> Future<Served<T>> stale(ZoneName zone, T old, String trouble) {
    metrics.stale(zone.value(), trouble);
    return Future.succeededFuture(new Served<>(old, Provenance.stale("upstream-" + trouble)));
  }

  boolean keepsDeletedTags() {
    return policy.keepsDeletedTags();
  }

  /** A tag that upstream has deleted is served on; says so, but not for every pull. */
  <T> Served<T> deleted(RepositoryReference tag, T old) {
    metrics.stale(tag.zone().value(), "deleted");
    if (deletedTags.asMap().putIfAbsent(tag, true) == null) {
      log.info(
          "[{}] {}:{} was deleted upstream; the cached image is still served (cache.deletedTags:"
              + " keep)",
          tag.zone(),
          tag.repository(),
          tag.reference());
    }
    return new Served<>(old, Provenance.DELETED_UPSTREAM);
  }
}
