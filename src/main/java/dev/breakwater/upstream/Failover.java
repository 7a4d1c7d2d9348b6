package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
   * At each endpoint one account after the other is tried while the answer is that this one may not
   * have it (401, 403, 429, a token server that refuses it).
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

  /**
   * How far a call has come.
   *
   * @param number endpoints asked before, retries included
   * @param tried accounts the endpoint at hand was asked with before
   * @param verdict the failure to report if all goes wrong
   */
  private record Course<T>(
      Call call,
      Function<Attempt, Future<T>> step,
      int number,
      Set<Account> tried,
      @Nullable UpstreamException verdict) {

    Course<T> next(UpstreamException failure) {
      return new Course<>(call, step, number + 1, Set.of(), failure);
    }

    Course<T> without(Account account) {
      Set<Account> more = new HashSet<>(tried);
      more.add(account);
      return new Course<>(call, step, number, more, verdict);
    }
  }

  private final Vertx vertx;
  private final List<Endpoint> endpoints;
  private final Breakers breakers;
  private final Map<Endpoint, QuotaGovernor> governors;
  private final TimeLimits limits;
  private final DoubleSupplier random;

  /** The first endpoint is the registry itself. */
  Failover(
      Vertx vertx,
      List<Endpoint> endpoints,
      Breakers breakers,
      Map<Endpoint, QuotaGovernor> governors,
      TimeLimits limits,
      DoubleSupplier random) {
    this.vertx = vertx;
    this.endpoints = List.copyOf(endpoints);
    this.breakers = breakers;
    this.governors = Map.copyOf(governors);
    this.limits = limits;
    this.random = random;
  }

  /** The first good result, or the registry's own failure. On the current context. */
  <T> Future<T> run(Call call, Function<Attempt, Future<T>> step) {
    return attempt(new Course<>(call, step, 0, Set.of(), null));
  }

  private <T> Future<T> attempt(Course<T> course) {
    Call call = course.call();
    boolean again = course.number() >= endpoints.size();
    Endpoint endpoint = again ? endpoints.getFirst() : endpoints.get(course.number());
    QuotaGovernor governor = governor(endpoint);
    Optional<Account> account = governor.choose(call, course.tried());
    Deadline share = call.deadline().share(again ? 1 : endpoints.size() - course.number());
    Attempt attempt =
        new Attempt(
            call,
            endpoint,
            account.orElse(governor.any()),
            endpoint.origin().authority(),
            share,
            again ? course.number() - endpoints.size() + 1 : 0);
    if (account.isEmpty()) {
      return failed(course, attempt, governor.refusal(attempt));
    }
    CircuitBreaker breaker = breakers.of(endpoint, call.kind());
    if (again) {
      return ask(course, attempt, breaker, Optional.empty());
    }
    Optional<CircuitBreaker.Pass> pass = breaker.admit();
    if (pass.isEmpty()) {
      return failed(course, attempt, Breakers.refusal(attempt, breaker));
    }
    return ask(course, pass.get().isProbe() ? attempt.within(probe()) : attempt, breaker, pass);
  }

  private <T> Future<T> ask(
      Course<T> course,
      Attempt attempt,
      CircuitBreaker breaker,
      Optional<CircuitBreaker.Pass> pass) {
    return Future.succeededFuture(attempt)
        .compose(course.step())
        .onSuccess(
            result -> {
              breaker.answered();
              governor(attempt.endpoint())
                  .served(attempt.call(), attempt.account(), course.tried());
            })
        .recover(
            thrown -> {
              UpstreamException failure = known(attempt, thrown);
              if (!failure.outcome().isSilence()) {
                breaker.answered();
              } else {
                pass.ifPresent(held -> held.failed(failure));
              }
              return refused(course, attempt, failure);
            });
  }

  /** Another account may have what this one has not. */
  private <T> Future<T> refused(Course<T> course, Attempt attempt, UpstreamException failure) {
    QuotaGovernor governor = governor(attempt.endpoint());
    if (failure.outcome() == UpstreamOutcome.RATE_LIMITED) {
      governor.limited(attempt.call(), attempt.account(), failure.retryAfter());
    }
    Course<T> rest = course.without(attempt.account());
    if (!isTheAccounts(failure) || attempt.call().deadline().isOver()) {
      return failed(course, attempt, failure);
    }
    if (governor.choose(attempt.call(), rest.tried()).isPresent()) {
      return attempt(rest);
    }
    return governor.isNobodyLeft(rest.tried())
        ? failed(course, attempt, governor.refusal(attempt))
        : failed(course, attempt, failure);
  }

  private <T> Future<T> failed(Course<T> course, Attempt attempt, UpstreamException failure) {
    boolean primary = attempt.endpoint().primary();
    UpstreamException earlier = course.verdict();
    UpstreamException verdict = primary || earlier == null ? failure : earlier;
    Call call = attempt.call();
    if ((primary && !leavesHope(failure)) || call.deadline().isOver()) {
      return Future.failedFuture(verdict);
    }
    Course<T> next = course.next(verdict);
    if (next.number() < endpoints.size()) {
      return attempt(next);
    }
    int retry = next.number() - endpoints.size();
    if (retry >= RETRIES
        || !passes(verdict)
        || call.deadline().elapsed().compareTo(limits.connect()) > 0) {
      return Future.failedFuture(verdict);
    }
    return vertx.timer(delay(retry), TimeUnit.MILLISECONDS).compose(ignored -> attempt(next));
  }

  private QuotaGovernor governor(Endpoint endpoint) {
    return Objects.requireNonNull(governors.get(endpoint), "an endpoint of another registry");
  }

  private Duration probe() {
    return limits.connect().multipliedBy(PROBE_CONNECTS);
  }

  private long delay(int retry) {
    return Math.max(1, Math.round((FIRST_DELAY_MILLIS << retry) * (0.5 + random.getAsDouble())));
  }

  private static boolean isTheAccounts(UpstreamException failure) {
    return switch (failure.outcome()) {
      case UNAUTHORIZED, DENIED, RATE_LIMITED -> true;
      default -> false;
    };
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
