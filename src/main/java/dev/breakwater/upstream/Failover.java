package dev.breakwater.upstream;

import dev.breakwater.upstream.UpstreamException.Prospect;
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

/** Tries a call at the registry, then at its mirrors, then again at the registry. */
final class Failover {
  /*
   * The registry's own word counts. Only when it cannot answer (connection, TLS, time, 5xx, 429, an
   * answer that is no answer) are the mirrors asked, each once; a mirror's failure of any kind, its
   * "no" included, only leads to the next. When all have failed, the registry itself is asked again,
   * if its failure may pass (UpstreamException.Prospect), as long as the call has time: at most
   * three times in a row for each hop (Retries). Everything asked here is GET or HEAD, so repeating
   * is safe. What is reported in the end is the registry's last failure, not a mirror's.
   *
   * The wait before a retry is what Retry-After says, after a 429 what the governor says, and else
   * 100 ms, doubled with each failure in a row, with jitter. What would end after the deadline is not
   * begun. A call that finds all accounts paused waits in the same way.
   *
   * At each endpoint one account after the other is tried while the answer is that this one may not
   * have it (401, 403, 429, a token server that refuses it, or no login for it). An account whose
   * login may have changed since is asked once more with the login it has by then.
   *
   * An endpoint whose breaker is open is passed over without costing any time. Retries are part of a
   * call that was let through: they ask no breaker. A failure is a strike with the breaker when the
   * call gives up, or when it took so long that the breaker must not wait for that.
   *
   * While mirrors are left, a try gets an equal share of the remaining time, so that a registry
   * that accepts connections and says nothing does not use up the mirrors' time as well.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Failover.class);
  private static final long FIRST_DELAY_MILLIS = 100;
  private static final long MOST_JITTER_MILLIS = 500;

  /** A probe is given up after so many times the connect limit: a client may be waiting for it. */
  private static final int PROBE_CONNECTS = 2;

  /**
   * How far a call has come.
   *
   * @param number endpoints asked before, retries included
   * @param tried accounts the endpoint at hand was asked with before
   * @param renewed accounts whose login was renewed because it was refused
   * @param retries failures of the registry in a row
   * @param pass the leave of the registry's breaker
   * @param verdict the failure to report if all goes wrong
   */
  private record Course<T>(
      Call call,
      Function<Attempt, Future<T>> step,
      int number,
      Set<Account> tried,
      Set<Account> renewed,
      Retries retries,
      Optional<CircuitBreaker.Pass> pass,
      @Nullable UpstreamException verdict) {
    Course<T> next() {
      return new Course<>(call, step, number + 1, Set.of(), renewed, retries, pass, verdict);
    }

    Course<T> without(Account account) {
      return new Course<>(
          call, step, number, plus(tried, account), renewed, retries, pass, verdict);
    }

    Course<T> renewing(Account account) {
      return new Course<>(
          call, step, number, tried, plus(renewed, account), retries, pass, verdict);
    }

    Course<T> admitted(CircuitBreaker.Pass leave) {
      return new Course<>(call, step, number, tried, renewed, retries, Optional.of(leave), verdict);
    }

    Course<T> failed(UpstreamException failure) {
      Retries counted = failure.wasAsked() ? retries.after(failure) : retries;
      return new Course<>(call, step, number, tried, renewed, counted, pass, failure);
    }

    private static Set<Account> plus(Set<Account> accounts, Account account) {
      Set<Account> more = new HashSet<>(accounts);
      more.add(account);
      return more;
    }
  }

  private final Vertx vertx;
  private final List<Endpoint> endpoints;
  private final Breakers breakers;
  private final Map<Endpoint, QuotaGovernor> governors;
  private final Logins logins;
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
    this.logins = new Logins(vertx, this.governors);
    this.limits = limits;
    this.random = random;
  }

  /** The first good result, or the registry's own failure. On the current context. */
  <T> Future<T> run(Call call, Function<Attempt, Future<T>> step) {
    return attempt(
        new Course<>(call, step, 0, Set.of(), Set.of(), Retries.NONE, Optional.empty(), null));
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
            Optional.empty(),
            endpoint.origin().authority(),
            share,
            again ? course.number() - endpoints.size() + 1 : 0,
            Hop.REGISTRY);
    if (account.isEmpty()) {
      return failed(course, attempt, governor.refusal(attempt));
    }
    return logins
        .begin(attempt)
        .transform(
            login ->
                login.succeeded()
                    ? admit(course, login.result(), again)
                    : refused(course, attempt, known(attempt, login.cause())));
  }

  private <T> Future<T> admit(Course<T> course, Attempt attempt, boolean again) {
    Endpoint endpoint = attempt.endpoint();
    CircuitBreaker breaker = breakers.of(endpoint, attempt.call().kind());
    if (again) {
      return ask(course, attempt, breaker, course.pass());
    }
    Optional<CircuitBreaker.Pass> pass = breaker.admit();
    if (pass.isEmpty()) {
      return failed(course, attempt, Breakers.refusal(attempt, breaker));
    }
    return ask(
        endpoint.primary() ? course.admitted(pass.get()) : course,
        pass.get().isProbe() ? attempt.within(probe()) : attempt,
        breaker,
        pass);
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
              } else if (isSlow(attempt) || isFirstOfSeveral(course)) {
                pass.ifPresent(leave -> leave.failed(failure, isSlow(attempt)));
              }
              return refused(course, attempt, failure);
            });
  }

  private static boolean isSlow(Attempt attempt) {
    return attempt.deadline().elapsed().compareTo(CircuitBreaker.SLOW) >= 0;
  }

  /** Whether another endpoint, or all other calls, wait for the outcome of this try. */
  private boolean isFirstOfSeveral(Course<?> course) {
    return course.number() < endpoints.size() && (endpoints.size() > 1 || isProbe(course));
  }

  private static boolean isProbe(Course<?> course) {
    return course.pass().map(CircuitBreaker.Pass::isProbe).orElse(false);
  }

  /** Another account may have what this one has not. */
  private <T> Future<T> refused(Course<T> course, Attempt attempt, UpstreamException thrown) {
    QuotaGovernor governor = governor(attempt.endpoint());
    UpstreamException failure =
        thrown.outcome() == UpstreamOutcome.RATE_LIMITED
            ? governor.limited(attempt.call(), attempt.account(), thrown)
            : governor.judged(attempt, thrown);
    if (!course.renewed().contains(attempt.account()) && Logins.mayRenew(attempt, failure)) {
      return attempt(course.renewing(attempt.account()));
    }
    Course<T> rest = course.without(attempt.account());
    if (!isTheAccounts(failure) || attempt.call().deadline().isOver()) {
      return failed(course, attempt, failure);
    }
    if (governor.choose(attempt.call(), rest.tried()).isPresent()) {
      return attempt(rest);
    }
    return governor.isOnlyAnonymousLeft(rest.tried())
        ? failed(course, attempt, governor.refusal(attempt))
        : failed(course, attempt, failure);
  }

  private <T> Future<T> failed(Course<T> before, Attempt attempt, UpstreamException failure) {
    boolean primary = attempt.endpoint().primary();
    Course<T> course = primary || before.verdict() == null ? before.failed(failure) : before;
    UpstreamException verdict = Objects.requireNonNull(course.verdict());
    Call call = attempt.call();
    if ((primary && !leavesHope(failure)) || call.deadline().isOver()) {
      return givenUp(course, attempt, verdict);
    }
    if (course.number() + 1 < endpoints.size()) {
      return attempt(course.next());
    }
    Optional<Duration> wait = waitFor(course, verdict);
    if (wait.isEmpty() || !call.deadline().leaves(wait.get())) {
      return givenUp(course, attempt, verdict);
    }
    return vertx
        .timer(Math.max(1, wait.get().toMillis()), TimeUnit.MILLISECONDS)
        .compose(ignored -> attempt(course.next()));
  }

  private <T> Future<T> givenUp(Course<T> course, Attempt attempt, UpstreamException verdict) {
    if (endpoints.size() == 1
        && verdict.wasAsked()
        && verdict.outcome().isSilence()
        && !isSlow(attempt)) {
      course.pass().ifPresent(pass -> pass.failed(verdict, false));
    }
    return Future.failedFuture(verdict);
  }

  /** How long to wait before the registry is asked again; empty if it is not. */
  private Optional<Duration> waitFor(Course<?> course, UpstreamException verdict) {
    boolean limited = verdict.outcome() == UpstreamOutcome.RATE_LIMITED;
    if (!course.retries().allow(verdict) && !(limited && !verdict.wasAsked())) {
      return Optional.empty();
    }
    if (limited) {
      Duration pause = governor(endpoints.getFirst()).pauseOf(course.call());
      return Optional.of(pause.plusMillis(jitter(pause)));
    }
    return verdict
        .retryAfter()
        .map(stated -> stated.plusMillis(jitter(stated)))
        .or(() -> Optional.of(backoff(course.retries().inARow(verdict.hop()))));
  }

  private Duration backoff(int failuresInARow) {
    long delay = FIRST_DELAY_MILLIS << Math.max(0, failuresInARow - 1);
    return Duration.ofMillis(Math.round(delay * (0.5 + random.getAsDouble())));
  }

  /** So that calls that waited for the same moment do not all come at once. */
  private long jitter(Duration pause) {
    return 1 + Math.round(Math.min(MOST_JITTER_MILLIS, pause.toMillis()) * random.getAsDouble());
  }

  private QuotaGovernor governor(Endpoint endpoint) {
    return Objects.requireNonNull(governors.get(endpoint), "an endpoint of another registry");
  }

  private Duration probe() {
    return limits.connect().multipliedBy(PROBE_CONNECTS);
  }

  private static boolean isTheAccounts(UpstreamException failure) {
    return switch (failure.outcome()) {
      case UNAUTHORIZED, DENIED, RATE_LIMITED, LOGIN -> true;
      default -> false;
    };
  }

  private static boolean leavesHope(UpstreamException failure) {
    return failure.prospect() != Prospect.FINAL
        || switch (failure.outcome()) {
          case CONNECT, TLS, TIMEOUT, SERVER_ERROR, RATE_LIMITED -> true;
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
        attempt.finalFailure(UpstreamOutcome.INVALID, "handling its answer failed", failure);
    LOG.error("{}", defect.getMessage(), failure);
    return defect;
  }
}
