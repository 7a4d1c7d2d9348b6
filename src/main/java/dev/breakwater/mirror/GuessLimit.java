package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * How many things that upstream does not have one client may ask for. Each of them costs a request
 * to upstream, and a client that asks for ever new names would use up the quota of all. A client
 * may have {@value #BURST} of them at once and {@value #PER_SECOND} a second afterwards. What
 * upstream has does not count, and what it refuses counts once for as long as the refusal is
 * remembered. Thread-safe.
 */
final class GuessLimit {
  /** Refusals that a client may cause in a short time. */
  static final int BURST = 2_000;

  /** Refusals a second that a client may cause for good: an order more than a large site needs. */
  static final int PER_SECOND = 20;

  private static final long NANOS_PER_GUESS = Duration.ofSeconds(1).toNanos() / PER_SECOND;
  private static final long BURST_NANOS = NANOS_PER_GUESS * BURST;
  private static final int CLIENTS = 10_000;

  /** For each client the time, in nanoseconds, at which all its refusals are forgiven. */
  private final Cache<String, Long> forgivenAt;

  private final Ticker ticker;
  private final Supplier<String> client;

  /**
   * No client has guessed yet.
   *
   * @param client the address of the client that the work at hand is done for, empty if it is none
   */
  GuessLimit(Ticker ticker, Supplier<String> client) {
    this.ticker = ticker;
    this.client = client;
    this.forgivenAt =
        Caffeine.newBuilder()
            .maximumSize(CLIENTS)
            .expireAfterWrite(Duration.ofNanos(BURST_NANOS))
            .ticker(ticker)
            .build();
  }

  /**
   * Asks upstream for something that nothing here says it has. Fails if the client at hand has to
   * wait before it may ask.
   *
   * @param isAbsent whether the answer says that upstream does not have it; a refusal always does
   */
  <T> Future<T> ask(ZoneName zone, Supplier<Future<T>> question, Predicate<T> isAbsent) {
    String address = client.get();
    if (address.isEmpty()) {
      return question.get();
    }
    if (!charge(address)) {
      return Future.failedFuture(reached(zone, address));
    }
    return question
        .get()
        .onSuccess(
            answer -> {
              if (!isAbsent.test(answer)) {
                refund(address);
              }
            })
        .onFailure(
            failure -> {
              if (!UpstreamFailures.isRefusal(failure)) {
                refund(address);
              }
            });
  }

  /** Counts a question as refused until its answer has come, so that many at once are counted. */
  private boolean charge(String address) {
    long now = ticker.read();
    AtomicBoolean charged = new AtomicBoolean();
    forgivenAt
        .asMap()
        .compute(
            address,
            (key, before) -> {
              long from = before == null ? now : Math.max(before, now);
              charged.set(from + NANOS_PER_GUESS <= now + BURST_NANOS);
              return charged.get() ? from + NANOS_PER_GUESS : from;
            });
    return charged.get();
  }

  private void refund(String address) {
    forgivenAt.asMap().computeIfPresent(address, (key, before) -> before - NANOS_PER_GUESS);
  }

  private static UpstreamException reached(ZoneName zone, String address) {
    return new UpstreamException(
            UpstreamOutcome.BUSY,
            zone
                + " is not asked, because "
                + address
                + " has asked for "
                + BURST
                + " things that it does not have; "
                + PER_SECOND
                + " more are asked for each second",
            0,
            Duration.ofSeconds(1),
            null)
        .because(FailureCause.CLIENT_LIMIT);
  }
}
