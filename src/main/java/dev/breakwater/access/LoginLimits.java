package dev.breakwater.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How many wrong passwords are looked at, for each client and for each user name: some at once,
 * then one after each pause. A right password costs nothing, and gives nothing back of what wrong
 * ones have cost, so an attacker with an account of their own gains nothing by it. Thread-safe.
 */
public final class LoginLimits {
  /** How many at once for each client, and for each name. */
  public static final int AT_ONCE_FROM_CLIENT = 10;

  public static final int AT_ONCE_FOR_NAME = 20;

  /** After what time one more is looked at. */
  public static final Duration PAUSE_FROM_CLIENT = Duration.ofSeconds(6);

  public static final Duration PAUSE_FOR_NAME = Duration.ofSeconds(3);

  /** How many clients, and how many names are remembered. */
  static final int MOST_REMEMBERED = 10_000;

  /** One kind of what is limited. */
  private static final class Buckets<K> {
    private final int atOnce;
    private final long pause;
    private final LongSupplier nanos;

    /** Until when what was taken is paid back, by the clock. */
    private final Cache<K, Long> debts;

    Buckets(int atOnce, Duration pause, LongSupplier nanos) {
      this.atOnce = atOnce;
      this.pause = pause.toNanos();
      this.nanos = nanos;
      this.debts =
          Caffeine.newBuilder()
              .ticker(nanos::getAsLong)
              .expireAfterWrite(pause.multipliedBy(atOnce + 1L))
              .maximumSize(MOST_REMEMBERED)
              .build();
    }

    /** Takes one; how long to wait if there is none. */
    Optional<Duration> take(K key) {
      long now = nanos.getAsLong();
      long[] missing = {0};
      debts
          .asMap()
          .compute(
              key,
              (same, known) -> {
                long debt = known == null ? 0 : Math.max(0, known - now);
                missing[0] = debt + pause - atOnce * pause;
                return now + (missing[0] > 0 ? debt : debt + pause);
              });
      return missing[0] > 0 ? Optional.of(Duration.ofNanos(missing[0])) : Optional.empty();
    }

    void giveBack(K key) {
      debts.asMap().computeIfPresent(key, (same, known) -> known - pause);
    }
  }

  private final Buckets<String> clients;
  private final Buckets<KeyedHash.Value> names;

  /** Nothing was wrong yet; {@code nanos} is a monotonic clock. */
  public LoginLimits(LongSupplier nanos) {
    clients = new Buckets<>(AT_ONCE_FROM_CLIENT, PAUSE_FROM_CLIENT, nanos);
    names = new Buckets<>(AT_ONCE_FOR_NAME, PAUSE_FOR_NAME, nanos);
  }

  /**
   * Counts a password before it is looked at, so that many at the same time are not more than
   * allowed.
   *
   * @return empty if it may be looked at, else after what time
   */
  Optional<Duration> take(String client, KeyedHash.Value name) {
    Optional<Duration> wait = clients.take(client);
    if (wait.isPresent()) {
      return wait;
    }
    wait = names.take(name);
    if (wait.isPresent()) {
      clients.giveBack(client);
    }
    return wait;
  }

  /** The password that was counted last turned out to be right. */
  void giveBack(String client, KeyedHash.Value name) {
    clients.giveBack(client);
    names.giveBack(name);
  }
}
