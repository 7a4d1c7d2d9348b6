package dev.breakwater.upstream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a registry said of the pulls that are left to one account, and when that account may be used
 * again. Owns no timer. Thread-safe.
 */
final class Quota {
  /*
   *              0 are left                                  its credentials are refused
   *   ┌────────┐ ───────────────────▶ ┌───────────┐  ┌────────┐ ──────────────────▶ ┌───────────┐
   *   │ USABLE │                      │ EXHAUSTED │  │ USABLE │                     │ SUSPENDED │
   *   └────────┘ ◀─────────────────── └───────────┘  └────────┘ ◀────────────────── └───────────┘
   *              the pause is over, or                          five minutes are over
   *              more than 0 are left
   *
   * EXHAUSTED  Only "ratelimit-remaining: 0" says so; a 429 beside other or no numbers is for the
   *            Throttle. A registry that counts pulls counts GETs of manifests only, so those stop;
   *            HEADs go on and tell when pulls are left again. The Retry-After of a 429 says for how
   *            long, and then nothing ends the pause before. Without one a window of w for n pulls
   *            gives back one every w/n on the average: that is the pause (10 s to 15 min).
   * SUSPENDED  Other accounts are used, if there are any. Half a minute only if there are no
   *            credentials, because their source failed.
   *
   * What was said is forgotten when its window is over.
   *
   * The rate of use is a sum of all pulls seen to be spent, in which a pull counts for less by the
   * factor e every 15 minutes, divided by the weight of the time that has been watched. Others
   * that share the account, or the address, are in it, for it is read from what is left.
   */

  /**
   * What the headers said last.
   *
   * @param limit pulls in a window
   * @param remaining pulls left of them
   * @param window how long it is
   * @param source whom the registry counts for: an address, or an account's id
   */
  record Reading(long limit, long remaining, Duration window, String source) {}

  private static final Duration USUAL_WINDOW = Duration.ofHours(6);
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(15);

  /** For how long credentials that were refused are not used. */
  static final Duration SUSPENSION = Duration.ofMinutes(5);

  /** For how long a login that could not be obtained is not asked for. */
  static final Duration WITHOUT_LOGIN = Duration.ofSeconds(30);

  private static final double FADE_SECONDS = 900;

  private final LongSupplier clock;

  @GuardedBy("this")
  private @Nullable Reading reading;

  @GuardedBy("this")
  private long readAt;

  @GuardedBy("this")
  private long watchedSince;

  @GuardedBy("this")
  private double spent;

  @GuardedBy("this")
  private @Nullable Long countedUntil;

  @GuardedBy("this")
  private boolean stated;

  /** The end of the pause that was told last. */
  @GuardedBy("this")
  private @Nullable Long toldUntil;

  @GuardedBy("this")
  private @Nullable Long suspendedUntil;

  /** Nothing is known yet; {@code clock} is monotonic nanoseconds. */
  Quota(LongSupplier clock) {
    this.clock = clock;
  }

  /** The headers of an answer, if they say anything. */
  synchronized void read(Optional<RateLimit> limit, Optional<RateLimit> remaining, String source) {
    if (limit.isEmpty() || remaining.isEmpty()) {
      return;
    }
    Duration window = remaining.get().window().or(() -> limit.get().window()).orElse(USUAL_WINDOW);
    long now = clock.getAsLong();
    Optional<Reading> before = current();
    if (before.isEmpty()) {
      watchedSince = now;
      spent = 0;
    } else {
      long used = Math.max(0, before.get().remaining() - remaining.get().count());
      spent = spent * Math.exp(-seconds(now - readAt) / FADE_SECONDS) + used;
    }
    Reading said = new Reading(limit.get().count(), remaining.get().count(), window, source);
    reading = said;
    readAt = now;
    if (said.remaining() > 0) {
      countedUntil = stated ? countedUntil : null;
    } else if (countedUntil == null || isOver(countedUntil)) {
      countedUntil = now + pause().toNanos();
      stated = false;
    }
  }

  /**
   * The registry said 429.
   *
   * @param counted whether to a request that counts as a pull
   * @return whether that is because no pulls are left; otherwise it changes nothing here
   */
  synchronized boolean limited(boolean counted, Optional<Duration> retryAfter) {
    if (!counted || current().filter(known -> known.remaining() == 0).isEmpty()) {
      return false;
    }
    boolean running = countedUntil != null && !isOver(countedUntil);
    if (running && (stated || retryAfter.isEmpty())) {
      return true; // a request that was sent before the pause began: the pause stays as it was told
    }
    countedUntil = clock.getAsLong() + retryAfter.orElseGet(this::pause).toNanos();
    stated = retryAfter.isPresent();
    return true;
  }

  /** The registry, or its token server, refused the account's credentials. */
  void refused() {
    suspend(SUSPENSION);
  }

  /** The account cannot log in; it is not used for so long. */
  synchronized void suspend(Duration time) {
    suspendedUntil = clock.getAsLong() + time.toNanos();
  }

  synchronized boolean isSuspended() {
    return suspendedUntil != null && !isOver(suspendedUntil);
  }

  /** For how long no pulls are left; zero if there are some, or if that is not known. */
  synchronized Duration exhaustedFor() {
    return countedUntil == null
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, countedUntil - clock.getAsLong()));
  }

  /** What is to be told of the pause. */
  enum News {
    NONE,
    /** It has begun, or ends at another time than was told before. */
    PAUSED,
    /** It was told, and pulls are left again. */
    RESUMED
  }

  /** What has changed of the pause since this was asked last: each change is told once. */
  synchronized News news() {
    Long until = countedUntil;
    if (until != null && !isOver(until)) {
      boolean changed = !until.equals(toldUntil);
      toldUntil = until;
      return changed ? News.PAUSED : News.NONE;
    }
    if (toldUntil == null || current().filter(known -> known.remaining() > 0).isEmpty()) {
      return News.NONE;
    }
    toldUntil = null;
    return News.RESUMED;
  }

  /** What the registry said last; empty if it never did, or if that is out of date. */
  synchronized Optional<Reading> current() {
    Reading said = reading;
    return said == null || clock.getAsLong() - readAt >= said.window().toNanos()
        ? Optional.empty()
        : Optional.of(said);
  }

  /** Seconds until nothing is left, at the rate of the last quarter of an hour; may be infinite. */
  synchronized double secondsLeft() {
    Optional<Reading> said = current();
    double watched = seconds(clock.getAsLong() - watchedSince);
    if (said.isEmpty() || watched <= 0 || spent <= 0) {
      return said.isPresent() && said.get().remaining() == 0 ? 0 : Double.POSITIVE_INFINITY;
    }
    double faded = spent * Math.exp(-seconds(clock.getAsLong() - readAt) / FADE_SECONDS);
    double rate = faded / (FADE_SECONDS * -Math.expm1(-watched / FADE_SECONDS));
    return said.get().remaining() / rate;
  }

  @GuardedBy("this")
  private Duration pause() {
    Optional<Reading> said = current().filter(known -> known.limit() > 0);
    Duration each =
        said.map(known -> known.window().dividedBy(known.limit())).orElse(SHORTEST_PAUSE);
    return each.compareTo(SHORTEST_PAUSE) < 0
        ? SHORTEST_PAUSE
        : each.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : each;
  }

  private boolean isOver(long moment) {
    return clock.getAsLong() - moment >= 0;
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
