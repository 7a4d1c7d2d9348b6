package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
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
   * remembered. Once the credentials of all are refused, nobody's name comes before theirs: what
   * is public must not depend on a password that has expired.
   *
   * How sparing: with share = what is left of all limits together,
   *
   *   share       1 … 1/2    1/4    1/10    ≤ 1/20, or every account paused
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
  private final Optional<Metrics> metrics;
  private final List<Account> accounts;
  private final Account nobody;
  private final Cache<RepositoryName, Account> keepers =
      Caffeine.newBuilder().maximumSize(REPOSITORIES).build();
  private volatile Account current;

  private QuotaGovernor(
      ZoneName zone, List<Account> accounts, Account nobody, Optional<Metrics> metrics) {
    this.zone = zone;
    this.accounts = List.copyOf(accounts);
    this.nobody = nobody;
    this.metrics = metrics;
    this.current = accounts.getFirst();
  }

  /** Of the registry itself; without credentials it is used anonymously. */
  static QuotaGovernor of(
      ZoneName zone, List<Credentials> credentials, Metrics metrics, LongSupplier clock) {
    Account nobody = Account.anonymous(new Quota(clock));
    List<Account> accounts = new ArrayList<>();
    credentials.forEach(login -> accounts.add(Account.of(login, new Quota(clock))));
    if (accounts.isEmpty()) {
      accounts.add(nobody);
    }
    return new QuotaGovernor(zone, accounts, nobody, Optional.of(metrics));
  }

  /** Of a mirror of the registry, which never sees an account. */
  static QuotaGovernor ofMirror(ZoneName zone, LongSupplier clock) {
    Account nobody = Account.anonymous(new Quota(clock));
    return new QuotaGovernor(zone, List.of(nobody), nobody, Optional.empty());
  }

  /** Any account, to speak of an attempt that is not made. */
  Account any() {
    return current;
  }

  /** The account to make a call with, none of those it was tried with; empty if none may be. */
  Optional<Account> choose(Call call, Set<Account> tried) {
    Predicate<Account> isUsable =
        account -> !tried.contains(account) && account.quota().pausedFor(call.counted()).isZero();
    if (isNobodyLeft(tried)) {
      return Optional.of(nobody).filter(isUsable);
    }
    List<Account> usable = accounts.stream().filter(isUsable).toList();
    if (usable.isEmpty()) {
      return Optional.empty();
    }
    Account keeper = keepers.getIfPresent(call.repository());
    if (keeper != null && usable.contains(keeper) && !keeper.quota().isAside()) {
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
   * Whether it has only been refused by name, and might be had without one when that is not paused
   * any more: then it is not known to be refused.
   */
  boolean isNobodyLeft(Set<Account> tried) {
    return areAllAside() && !tried.contains(nobody);
  }

  /** Of several that are equally rich the first in the configuration. */
  private static Account richest(List<Account> accounts) {
    Account best = accounts.getFirst();
    for (Account account : accounts) {
      boolean nearer = best.quota().isAside() && !account.quota().isAside();
      boolean further = account.quota().isAside() && !best.quota().isAside();
      if (nearer || (!further && wealth(account) > wealth(best))) {
        best = account;
      }
    }
    return best;
  }

  private static boolean isGoodEnough(Account inUse, Account richest) {
    if (inUse.quota().isAside()) {
      return richest.quota().isAside();
    }
    long step = richest.quota().current().map(reading -> reading.limit() / 10).orElse(0L);
    return wealth(richest) - wealth(inUse) <= step;
  }

  /** Pulls left; as good as endless where there is no limit, or none known. */
  private static long wealth(Account account) {
    return account.quota().current().map(Quota.Reading::remaining).orElse(Long.MAX_VALUE / 2);
  }

  /** A call with this account had its answer, after others were tried in vain. */
  void served(Call call, Account account, Set<Account> tried) {
    if (!tried.isEmpty()) {
      keepers.put(call.repository(), account);
    }
  }

  /** Reads what an answer says of the limit. */
  void read(Account account, Answer answer) {
    Optional<RateLimit> limit = answer.header("ratelimit-limit").flatMap(RateLimit::parse);
    Optional<RateLimit> remaining = answer.header("ratelimit-remaining").flatMap(RateLimit::parse);
    if (limit.isEmpty() || remaining.isEmpty()) {
      return;
    }
    boolean paused = isPaused(account);
    String source = answer.header("docker-ratelimit-source").map(Quoted::escape).orElse("");
    account
        .quota()
        .read(limit, remaining, source.substring(0, Math.min(MAX_SOURCE, source.length())));
    publish(account);
    tellPause(account, paused);
  }

  /**
   * The registry said 429 to a call with this account. Said of a blob without a time it means fewer
   * connections, which the download sees to itself; pulls do not end for it.
   */
  void limited(Call call, Account account, Optional<Duration> retryAfter) {
    if (call.kind() == ContentKind.BLOB && retryAfter.isEmpty()) {
      return;
    }
    boolean paused = isPaused(account);
    account.quota().limited(call.counted(), retryAfter);
    tellPause(account, paused);
  }

  /** The credentials of the account were refused. */
  void refused(Account account, String why) {
    if (account.credentials().isPresent()) {
      if (!account.quota().isAside()) {
        LOG.warn("[{}] account {} is set aside for a while: {}", zone, account, why);
      }
      account.quota().refused();
    }
  }

  /** The failure of an attempt that is not made because no account may be used. */
  UpstreamException refusal(Attempt attempt) {
    Duration wait = shortestPause(attempt.call().counted());
    return attempt.unasked(
        UpstreamOutcome.RATE_LIMITED,
        "not asked, because its limit of requests is used up; it is asked again in "
            + Math.max(1, wait.toSeconds())
            + " s",
        wait);
  }

  /** Whether every account is paused for everything. */
  boolean isSilenced() {
    return !shortestPause(false).isZero();
  }

  /** What times to live are to be multiplied by, at least 1. */
  double stretch() {
    double left = 0;
    double limits = 0;
    for (Account account : accounts) {
      Optional<Quota.Reading> reading = account.quota().current();
      if (reading.isEmpty() && !account.quota().isAside()) {
        return shortestPause(true).isZero() ? 1 : MOST_STRETCH;
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

  /** What is known of each account, for people; no secrets. */
  List<Map<String, Object>> report() {
    return accounts.stream().map(QuotaGovernor::report).toList();
  }

  private static Map<String, Object> report(Account account) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("account", account.name());
    account
        .quota()
        .current()
        .ifPresent(
            reading -> {
              report.put("limit", reading.limit());
              report.put("remaining", reading.remaining());
              report.put("windowSeconds", reading.window().toSeconds());
              report.put("countedFor", reading.source());
              double left = account.quota().secondsLeft();
              if (Double.isFinite(left)) {
                report.put("exhaustedInSeconds", Math.round(left));
              }
            });
    report.put("pausedSeconds", account.quota().pausedFor(true).toSeconds());
    report.put("setAside", account.quota().isAside());
    return report;
  }

  private boolean areAllAside() {
    return accounts.stream().allMatch(account -> account.quota().isAside());
  }

  private Duration shortestPause(boolean counted) {
    return (areAllAside() ? List.of(nobody) : accounts)
        .stream()
            .map(account -> account.quota().pausedFor(counted))
            .min(Comparator.naturalOrder())
            .orElse(Duration.ZERO);
  }

  private static boolean isPaused(Account account) {
    return !account.quota().pausedFor(true).isZero();
  }

  private void tellPause(Account account, boolean before) {
    Duration pause = account.quota().pausedFor(true);
    if (!before && !pause.isZero()) {
      LOG.warn(
          "[{}] the requests of {} are used up{}: what is cached is served, and it is asked again"
              + " in {} s",
          zone,
          account,
          account
              .quota()
              .current()
              .map(reading -> " (" + reading.remaining() + " of " + reading.limit() + " left)")
              .orElse(""),
          Math.max(1, pause.toSeconds()));
    } else if (before && pause.isZero()) {
      LOG.info("[{}] {} may be used again", zone, account);
    }
  }

  private void publish(Account account) {
    metrics.ifPresent(
        meters ->
            account
                .quota()
                .current()
                .ifPresent(
                    reading ->
                        meters.upstreamQuota(
                            zone.value(),
                            account.name(),
                            reading.limit(),
                            reading.remaining(),
                            reading.window().toSeconds(),
                            account.quota().secondsLeft())));
  }
}
