package dev.breakwater.upstream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether an endpoint is worth asking for one kind of thing: after some failures in a row it is
 * left alone, so that a dead one costs no request any time, and now and then one call finds out
 * whether it is back. Sends nothing itself and owns no timer. Thread-safe.
 */
final class CircuitBreaker {
  /*
   *                5 strikes in a row
   *   ┌────────┐ ─────────────────────▶ ┌──────┐ ◀───────────────────────┐
   *   │ CLOSED │                        │ OPEN │                         │
   *   └────────┘ ◀───────────────────── └──────┘                         │ the probe fails:
   *     ▲            a call of before       │                            │ the wait doubles
   *     │            is answered            │ the wait is over           │
   *     │                                   │ and a request comes        │
   *     │        any answer            ┌───────────┐                     │
   *     └───────────────────────────── │ HALF_OPEN │ ────────────────────┘
   *                                    └───────────┘
   *
   * CLOSED     all calls pass. A failure is a strike, one that took SLOW or longer is three: two
   *            of those have cost clients enough. Any answer, a "no" or a 429 as well, ends the
   *            row: this is about dead registries, not about what they say.
   * OPEN       no call passes. The wait is one second at first and doubles with every failed probe
   *            up to LONGEST_WAIT, each time shortened by up to a quarter, so that many mirrors of
   *            one registry do not come back to it at the same moment.
   * HALF_OPEN  one call, the probe, may ask, all others may not. If nothing is heard of it for
   *            PROBE_LOST another one may.
   *
   * Calls that were let go before it opened may still end. Their answers count, their failures are
   * no news.
   */

  /** Where it stands, the best first. */
  enum State {
    CLOSED(0),
    HALF_OPEN(1),
    OPEN(2);

    private final int level;

    State(int level) {
      this.level = level;
    }

    /** The value of the gauge. */
    int level() {
      return level;
    }
  }

  /** Told of the changes that matter to people, under the breaker's lock. */
  interface Observer {
    /** It is left alone from now on, because of that. */
    void opened(CircuitBreaker breaker, UpstreamException cause);

    /** It answers again, after so long. */
    void closed(CircuitBreaker breaker, Duration outage);

    /** A probe begins, or has failed. */
    void probing(CircuitBreaker breaker);
  }

  /** The permit to make one call; its holder reports how the call ended, once. */
  final class Pass {
    private final long begun = clock.getAsLong();

    private Pass() {}

    /** Whether all other calls wait for what becomes of this one. */
    boolean isProbe() {
      synchronized (CircuitBreaker.this) {
        return equals(probe);
      }
    }

    /**
     * There was none.
     *
     * @param slow whether that took {@link #SLOW} or longer to find out
     */
    void failed(UpstreamException failure, boolean slow) {
      CircuitBreaker.this.failed(this, failure, slow);
    }
  }

  /** How long a call takes that is three strikes when it fails. */
  static final Duration SLOW = Duration.ofSeconds(3);

  /** The most time between two probes. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration PROBE_LOST = Duration.ofSeconds(30);
  private static final int STRIKES = 5;
  private static final int SLOW_STRIKES = 3;

  private final LongSupplier clock;
  private final DoubleSupplier random;
  private final Observer observer;

  /** Written under the lock, so that others may look without it. */
  private volatile State state = State.CLOSED;

  @GuardedBy("this")
  private int strikes;

  @GuardedBy("this")
  private long openedAt;

  @GuardedBy("this")
  private long waitEnds;

  @GuardedBy("this")
  private Duration wait = FIRST_WAIT;

  @GuardedBy("this")
  private @Nullable Pass probe;

  @GuardedBy("this")
  private @Nullable UpstreamException cause;

  /**
   * A closed one.
   *
   * @param clock monotonic nanoseconds
   * @param random between 0 and 1
   */
  CircuitBreaker(LongSupplier clock, DoubleSupplier random, Observer observer) {
    this.clock = clock;
    this.random = random;
    this.observer = observer;
  }

  /** The permit to make a call now; empty if the breaker is open. */
  synchronized Optional<Pass> admit() {
    if (state == State.CLOSED) {
      return Optional.of(new Pass());
    }
    if (!isProbeDue()) {
      return Optional.empty();
    }
    Pass pass = new Pass();
    probe = pass;
    state = State.HALF_OPEN;
    observer.probing(this);
    return Optional.of(pass);
  }

  /** Whether {@link #admit} would say yes. */
  synchronized boolean wouldAdmit() {
    return state == State.CLOSED || isProbeDue();
  }

  @GuardedBy("this")
  private boolean isProbeDue() {
    long now = clock.getAsLong();
    Pass under = probe;
    return under == null ? now - waitEnds >= 0 : now - under.begun >= PROBE_LOST.toNanos();
  }

  State state() {
    return state;
  }

  /** The failure that opened it or kept it open; empty while it is closed. */
  synchronized Optional<UpstreamException> cause() {
    return state == State.CLOSED ? Optional.empty() : Optional.ofNullable(cause);
  }

  /** How long it will certainly stay as it is. */
  synchronized Duration untilProbe() {
    return state == State.CLOSED
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, waitEnds - clock.getAsLong()));
  }

  /** For how long it has not been closed. */
  synchronized Duration openFor() {
    return state == State.CLOSED ? Duration.ZERO : Duration.ofNanos(clock.getAsLong() - openedAt);
  }

  /** An answer came, to whichever call. */
  synchronized void answered() {
    strikes = 0;
    if (state != State.CLOSED) {
      Duration outage = openFor();
      state = State.CLOSED;
      probe = null;
      cause = null;
      wait = FIRST_WAIT;
      observer.closed(this, outage);
    }
  }

  private synchronized void failed(Pass pass, UpstreamException failure, boolean slow) {
    switch (state) {
      case CLOSED -> {
        strikes += slow ? SLOW_STRIKES : 1;
        if (strikes >= STRIKES) {
          openedAt = clock.getAsLong();
          rest(failure);
          observer.opened(this, failure);
        }
      }
      case HALF_OPEN -> {
        if (pass.equals(probe)) {
          Duration doubled = wait.multipliedBy(2);
          wait = doubled.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : doubled;
          rest(failure);
          observer.probing(this);
        }
      }
      case OPEN -> {
        // A call of before it opened: no news.
      }
    }
  }

  @GuardedBy("this")
  private void rest(UpstreamException failure) {
    state = State.OPEN;
    probe = null;
    cause = failure;
    long nanos = Math.round(wait.toNanos() * (1 - random.getAsDouble() / 4));
    waitEnds = clock.getAsLong() + nanos;
  }
}
