package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries a call at the registry, then at its mirrors, then quickly again at the registry. */
final class Failover {
  /*
   * The registry's own word counts. Only when it cannot answer (connection, TLS, time, 5xx, 429) are
   * the mirrors asked, each once; a mirror's failure of any kind, its "no" included, only leads to
   * the next. When all have failed, the registry itself is tried again up to twice, if its failure
   * was of the kind that passes (connection, 5xx without a Retry-After) and came quickly: a retry
   * that begins after the connect limit would keep clients waiting for what is most likely down.
   * Everything asked here is GET or HEAD, so repeating is safe. What is reported in the end is the
   * registry's last failure, not a mirror's.
   *
   * An endpoint whose breaker is open is passed over without costing any time. Retries are part of a
   * call that was let through: they ask no breaker, and only their success counts with one.
   *
   * While mirrors are left, a try gets an equal share of the remaining time, so that a registry
   * that accepts connections and says nothing does not use up the mirrors' time as well.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Failover.class);
  private static final int RETRIES = 2;
  private static final long FIRST_DELAY_MILLIS = 100;

  /** A probe is given up after so many times the connect limit: somebody may be waiting for it. */
  private static final int PROBE_CONNECTS = 2;

  private final Vertx vertx;
  private final List<Endpoint> endpoints;
  private final Breakers breakers;
  private final TimeLimits limits;
  private final DoubleSupplier random;

  /** The first endpoint is the registry itself. */
  Failover(
      Vertx vertx,
      List<Endpoint> endpoints,
      Breakers breakers,
      TimeLimits limits,
      DoubleSupplier random) {
    this.vertx = vertx;
    this.endpoints = List.copyOf(endpoints);
    this.breakers = breakers;
    this.limits = limits;
    this.random = random;
  }

  /** The first good result, or the registry's own failure. On the current context. */
  <T> Future<T> run(Call call, Function<Attempt, Future<T>> step) {
    return attempt(call, step, 0, null);
  }

  private <T> Future<T> attempt(
      Call call,
      Function<Attempt, Future<T>> step,
      int number,
      @Nullable UpstreamException verdict) {
    boolean again = number >= endpoints.size();
    Endpoint endpoint = again ? endpoints.getFirst() : endpoints.get(number);
    CircuitBreaker breaker = breakers.of(endpoint, call.kind());
    Optional<CircuitBreaker.Pass> pass = again ? Optional.empty() : breaker.admit();
    Deadline share = call.deadline().share(again ? 1 : endpoints.size() - number);
    Attempt attempt =
        new Attempt(
            call,
            endpoint,
            endpoint.origin().authority(),
            pass.filter(CircuitBreaker.Pass::isProbe).isPresent()
                ? share.atMost(limits.connect().multipliedBy(PROBE_CONNECTS))
                : share,
            again ? number - endpoints.size() + 1 : 0);
    if (!again && pass.isEmpty()) {
      return next(attempt, step, number, verdict, Breakers.refusal(attempt, breaker));
    }
    return Future.succeededFuture(attempt)
        .compose(step)
        .onSuccess(result -> breaker.answered())
        .recover(
            thrown -> {
              UpstreamException failure = known(attempt, thrown);
              if (!failure.outcome().isSilence()) {
                breaker.answered();
              } else {
                pass.ifPresent(held -> held.failed(failure));
              }
              return next(attempt, step, number, verdict, failure);
            });
  }

  private <T> Future<T> next(
      Attempt attempt,
      Function<Attempt, Future<T>> step,
      int number,
      @Nullable UpstreamException earlier,
      UpstreamException failure) {
    boolean primary = attempt.endpoint().primary();
    UpstreamException verdict = primary || earlier == null ? failure : earlier;
    Call call = attempt.call();
    int following = number + 1;
    if ((primary && !leavesHope(failure)) || call.deadline().isOver()) {
      return Future.failedFuture(verdict);
    }
    if (following < endpoints.size()) {
      return attempt(call, step, following, verdict);
    }
    int retry = following - endpoints.size();
    if (retry >= RETRIES
        || !passes(verdict)
        || call.deadline().elapsed().compareTo(limits.connect()) > 0) {
      return Future.failedFuture(verdict);
    }
    return vertx
        .timer(delay(retry), TimeUnit.MILLISECONDS)
        .compose(ignored -> attempt(call, step, following, verdict));
  }

  private long delay(int retry) {
    return Math.max(1, Math.round((FIRST_DELAY_MILLIS << retry) * (0.5 + random.getAsDouble())));
  }

  private static boolean leavesHope(UpstreamException failure) {
    return switch (failure.outcome()) {
      case CONNECT, TLS, TIMEOUT, SERVER_ERROR, RATE_LIMITED -> true;
      default -> false;
    };
  }

  private static boolean passes(UpstreamException failure) {
    return switch (failure.outcome()) {
      case CONNECT -> failure.wasAsked();
      case SERVER_ERROR -> failure.retryAfter().isEmpty();
      default -> false;
    };
  }

  /**
   * Anything that is not a stated failure is a defect of ours; it must not look like upstream's.
   */
  private static UpstreamException known(Attempt attempt, Throwable failure) {
    if (failure instanceof UpstreamException known) {
      return known;
    }
    UpstreamException defect =
        attempt.failure(UpstreamOutcome.INVALID, "handling its answer failed", failure);
    LOG.error("{}", defect.getMessage(), failure);
    return defect;
  }
}
