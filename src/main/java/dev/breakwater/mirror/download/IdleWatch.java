package dev.breakwater.mirror.download;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Sees whether a download that no client reads will end in time at the pace it has. Everything
 * happens on the download's context.
 */
final class IdleWatch {
  /** The pace is measured over this part of the time allowed. */
  private static final int LOOKS = 20;

  private final Vertx vertx;
  private final long allowedNanos;
  private final LongSupplier received;
  private final LongSupplier missing;
  private final Runnable tooSlow;
  private OptionalLong timer = OptionalLong.empty();
  private long lookedAt;
  private long receivedThen;

  /**
   * Does nothing before {@link #begin}.
   *
   * @param allowed for the rest of the download
   * @param received bytes that are here
   * @param missing bytes that are not; of an unknown size any positive number
   * @param tooSlow called when the rest would take longer
   */
  IdleWatch(
      Vertx vertx,
      Duration allowed,
      LongSupplier received,
      LongSupplier missing,
      Runnable tooSlow) {
    this.vertx = vertx;
    this.allowedNanos = allowed.toNanos();
    this.received = received;
    this.missing = missing;
    this.tooSlow = tooSlow;
  }

  /** The download has no reader from now on; of no effect if that is known. */
  void begin() {
    if (timer.isEmpty()) {
      lookedAt = System.nanoTime();
      receivedThen = received.getAsLong();
      long period = Math.max(1, allowedNanos / LOOKS / 1_000_000);
      timer = OptionalLong.of(vertx.setPeriodic(period, ignored -> look()));
    }
  }

  /** A client reads, or the download is over. */
  void end() {
    timer.ifPresent(vertx::cancelTimer);
    timer = OptionalLong.empty();
  }

  private void look() {
    long now = System.nanoTime();
    double seconds = (now - lookedAt) / 1e9;
    long came = received.getAsLong() - receivedThen;
    lookedAt = now;
    receivedThen = received.getAsLong();
    if (missing.getAsLong() * seconds > came * (allowedNanos / 1e9)) {
      end();
      tooSlow.run();
    }
  }
}
