package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.admin.api.UpstreamInfo.AccountInfo;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Seconds;
import dev.breakwater.oci.ZoneName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which account a request is made with, whether it is made at all, and how sparing we have
 * to be. One for each endpoint. Thread-safe.
 */
final class QuotaGovernor {
  /*
   * Which account: the one with the most pulls left, one of which nothing is known before all
   * others, since it may have no limit and will tell. The account in use stays in use until another
   * one has a tenth of its limit more, because a change costs a token for every repository. One
   * whose credentials were refused comes last; one that is paused is not used. When a registry
   * refuses a repository to one account the others are tried, and which one had access is
   * remembered. Once the credentials of all are refused, anonymous requests come before theirs:
   * what is public must not depend on a password that has expired.
   *
   * How sparing: with share = what is left of all limits together,
   *
   *   share       1 … 1/2    1/4    1/10    ≤ 1/20, or every account exhausted
   *   stretch         1        2       5       10        = min(10, 1/2 / share)
   *
   * and a tag's time to live is multiplied by it: a tag that is not found to have moved is not
   * pulled again. HEADs are free on Docker Hub, yet a HEAD that finds a new digest leads to a GET.
   */

  private static final Logger LOG = LoggerFactory.getLogger(QuotaGovernor.class);
  private static final double MOST_STRETCH = 10;
  private static final double ENOUGH = 0.5;
  private static final int REPOSITORIES = 10_000;
  private static final int MAX_SOURCE = 64;

  private final ZoneName zone;
  private final QuotaReporter reporter;
  private final List<Account> accounts;
  private final Account anonymous;
  private final Cache<RepositoryName, Account> keepers =
      Caffeine.newBuilder().maximumSize(REPOSITORIES).build();
  private volatile Account current;

  private QuotaGovernor(
      ZoneName zone, List<Account> accounts, Account anonymous, Optional<Metrics> metrics) {
    this.zone = zone;
    this.accounts = List.copyOf(accounts);
    this.anonymous = anonymous;
    this.reporter = new QuotaReporter(zone, metrics);
    this.current = accounts.getFirst();
  }

  /** Of the registry itself; without logins it is used anonymously. */
  static QuotaGovernor of(
      ZoneName zone, List<CredentialSource> logins, Metrics metrics, LongSupplier clock) {
    Account anonymous = Account.anonymous(clock);
    List<Account> accounts = new ArrayList<>();
    logins.forEach(login -> accounts.add(new Account(login, clock)));
    if (accounts.isEmpty()) {
      accounts.add(anonymous);
    }
    Stream.concat(accounts.stream(), Stream.of(anonymous))
        .forEach(
            account ->
                metrics
                    .quota()
                    .watchPause(
                        zone.value(),
                        account.name(),
                        () -> Seconds.roundedUp(account.quota().exhaustedFor())));
    return new QuotaGovernor(zone, accounts, anonymous, Optional.of(metrics));
  }

  /** Of a mirror of the registry, which never sees an account. */
  static QuotaGovernor ofMirror(ZoneName zone, LongSupplier clock) {
    Account anonymous = Account.anonymous(clock);
    return new QuotaGovernor(zone, List.of(anonymous), anonymous, Optional.empty());
  }

  /** Any account, to speak of an attempt that is not made. */
  Account any() {
    return current;
  }

  /** The account to make a call with, none of those it was tried with; empty if none may be. */
  Optional<Account> choose(Call call, Set<Account> tried) {
    Predicate<Account> isUsable =
        account -> !tried.contains(account) && account.pausedFor(call).isZero();
    if (isOnlyAnonymousLeft(tried)) {
      return Optional.of(anonymous).filter(isUsable);
    }
    List<Account> usable = accounts.stream().filter(isUsable).toList();
    if (usable.isEmpty()) {
      return Optional.empty();
    }
    Account keeper = keepers.getIfPresent(call.repository());
    if (keeper != null && usable.contains(keeper) && !keeper.quota().isSuspended()) {
      return Optional.of(keeper);
    }
    Account richest = richest(usable);
    if (!tried.isEmpty()) {
      return Optional.of(richest);
    }
    Account inUse = current;
    Account chosen = usable.contains(inUse) && isGoodEnough(inUse, richest) ? inUse : richest;
    current = chosen;
    return Optional.of(chosen);
  }

  /**
   * Whether only the accounts were refused, and an anonymous request may still be granted when it
   * is not paused any more: then it is not known to be refused.
   */
  boolean isOnlyAnonymousLeft(Set<Account> tried) {
    return areAllSuspended() && !tried.contains(anonymous);
  }

  /** Of several that are equally rich the first in the configuration. */
  private static Account richest(List<Account> accounts) {
    Account best = accounts.getFirst();
    for (Account account : accounts) {
      boolean nearer = best.quota().isSuspended() && !account.quota().isSuspended();
      boolean further = account.quota().isSuspended() && !best.quota().isSuspended();
      if (nearer || (!further && pullsLeft(account) > pullsLeft(best))) {
        best = account;
      }
    }
    return best;
  }

  private static boolean isGoodEnough(Account inUse, Account richest) {
    if (inUse.quota().isSuspended()) {
      return richest.quota().isSuspended();
    }
    long step = richest.quota().current().map(reading -> reading.limit() / 10).orElse(0L);
    return pullsLeft(richest) - pullsLeft(inUse) <= step;
  }

  /** Pulls left; as good as endless where there is no limit, or none known. */
  private static long pullsLeft(Account account) {
    return account.quota().current().map(Quota.Reading::remaining).orElse(Long.MAX_VALUE / 2);
  }

  /** A call with this account had its answer, after other accounts were refused. */
  void served(Call call, Account account, Set<Account> tried) {
    if (!tried.isEmpty()) {
      keepers.put(call.repository(), account);
    }
  }

  /** Reads what an answer says of the limit, and of the time until it may be asked again. */
  void read(Answer answer, Optional<Duration> retryAfter) {
    Optional<RateLimit> limit = answer.header("ratelimit-limit").flatMap(RateLimit::parse);
    Optional<RateLimit> remaining = answer.header("ratelimit-remaining").flatMap(RateLimit::parse);
    if (limit.isEmpty() || remaining.isEmpty()) {
      return;
    }
    Account account = answer.attempt().account();
    String source = answer.header("docker-ratelimit-source").map(Quoted::escape).orElse("");
    account
        .quota()
        .read(limit, remaining, source.substring(0, Math.min(MAX_SOURCE, source.length())));
    if (answer.status() == 429) {
      // At once, so that no number is told between the two.
      account.quota().limited(answer.attempt().call().counted(), retryAfter);
    }
    reporter.told(account);
    reporter.news(account);
  }

  /**
   * The registry, or a content network it redirected to, said 429 to a call with this account.
   *
   * @return that failure, with the time until such a call is made again
   */
  UpstreamException limited(Call call, Account account, UpstreamException failure) {
    Duration stated = failure.retryAfter().orElse(null);
    if (account.quota().limited(call.counted(), failure.retryAfter())) {
      reporter.news(account);
    } else if (account.throttle().limited(call.kind(), call.repository(), stated)) {
      LOG.warn(
          "[{}] answers 429 to every {} request of {}: cached content is served; it is asked again"
              + " in {} s",
          zone,
          call.kind().label(),
          account,
          Seconds.roundedUp(account.throttle().pausedFor(call.kind())));
    }
    Duration pause = pauseOf(call);
    return pause.isZero() ? failure : failure.because(causeOf(call)).pausedFor(pause);
  }

  /** A call with this account had another answer than 429. */
  void answered(Call call, Account account) {
    if (account.throttle().answered(call.kind(), call.repository())) {
      LOG.info("[{}] answers {} requests of {} again", zone, call.kind().label(), account);
    }
  }

  /** The credentials of an attempt were refused; others that their source may have come first. */
  void refused(Attempt attempt, String why) {
    Optional<Credentials> login = attempt.credentials();
    if (login.isPresent() && !attempt.account().source().refused(login.get())) {
      suspend(attempt.account(), Quota.SUSPENSION, "was refused", why);
    }
  }

  /**
   * The account cannot be used for a time.
   *
   * @param what is wrong with its login: {@code was refused}
   */
  void suspend(Account account, Duration time, String what, String why) {
    if (!account.quota().isSuspended()) {
      reporter.suspended(account, time, what, why);
    }
    account.quota().suspend(time);
  }

  /**
   * What a failure means: a refusal of an anonymous request is not final while the login of an
   * account, which may have been granted it, cannot be obtained.
   */
  UpstreamException judged(Attempt attempt, UpstreamException failure) {
    if (!attempt.account().equals(anonymous) || !failure.outcome().isNo()) {
      return failure;
    }
    return accounts.stream()
        .flatMap(account -> account.problem().stream())
        .findFirst()
        .map(attempt::withoutLogin)
        .orElse(failure);
  }

  /** The failure of an attempt that is not made because no account may be used. */
  UpstreamException refusal(Attempt attempt) {
    Duration pause = pauseOf(attempt.call());
    FailureCause cause = causeOf(attempt.call());
    String why =
        cause == FailureCause.QUOTA
            ? "its limit of requests is used up"
            : "it answered 429 a moment ago";
    return attempt
        .unasked(UpstreamOutcome.RATE_LIMITED, cause, "not asked, because " + why, pause)
        .pausedFor(pause);
  }

  private FailureCause causeOf(Call call) {
    return call.counted() && !shortestExhaustion().isZero()
        ? FailureCause.QUOTA
        : FailureCause.UPSTREAM_429;
  }

  /** How long it takes until some account may be used for that call. */
  Duration pauseOf(Call call) {
    return shortest(account -> account.pausedFor(call));
  }

  /** Whether every account is paused for that kind of content. */
  boolean isSilenced(ContentKind kind) {
    return !shortest(account -> account.throttle().pausedFor(kind)).isZero();
  }

  /** What times to live are to be multiplied by, at least 1. */
  double stretch() {
    double left = 0;
    double limits = 0;
    for (Account account : accounts) {
      Optional<Quota.Reading> reading = account.quota().current();
      if (reading.isEmpty() && !account.quota().isSuspended()) {
        return shortestExhaustion().isZero() ? 1 : MOST_STRETCH;
      }
      left += reading.map(Quota.Reading::remaining).orElse(0L);
      limits += reading.map(Quota.Reading::limit).orElse(0L);
    }
    if (limits == 0) {
      return 1;
    }
    double share = left / limits;
    return share >= ENOUGH ? 1 : Math.min(MOST_STRETCH, ENOUGH / Math.max(share, 1e-9));
  }

  /** What is known of each account that is used, for people; no secrets. */
  List<AccountInfo> report() {
    boolean alsoAnonymous = areAllSuspended() && !accounts.contains(anonymous);
    return Stream.concat(accounts.stream(), alsoAnonymous ? Stream.of(anonymous) : Stream.empty())
        .map(Account::report)
        .toList();
  }

  private boolean areAllSuspended() {
    return accounts.stream().allMatch(account -> account.quota().isSuspended());
  }

  private Duration shortestExhaustion() {
    return shortest(account -> account.quota().exhaustedFor());
  }

  private Duration shortest(Function<Account, Duration> pause) {
    return (areAllSuspended() ? List.of(anonymous) : accounts)
        .stream().map(pause).min(Comparator.naturalOrder()).orElse(Duration.ZERO);
  }
}
