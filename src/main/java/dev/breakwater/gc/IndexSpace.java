package dev.breakwater.gc;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps the index within its share of the cache. Blobs are evicted for room, but what the index
 * says of manifests, tags, links and listings only goes when it has been idle for long enough; a
 * client that pulls very many images would fill the cache with it. So while the index is larger
 * than its share, the time after which something counts as idle is halved with every sweep, and
 * sweeps come more often; it is doubled again, up to what is configured, while the index is
 * smaller. Confined to the sweeper's thread.
 */
public final class IndexSpace {
  /** What is used within this time never goes for want of room. */
  static final Duration LEAST_IDLE = Duration.ofMinutes(1);

  /**
   * What it watches.
   *
   * @param bytes of the index on disk
   * @param bound how many it should take at the most
   * @param compact gives back what deleted entries took; blocking
   */
  public record Watched(LongSupplier bytes, LongSupplier bound, Runnable compact) {
    /** An index that may grow. */
    public static final Watched UNBOUNDED = new Watched(() -> 0, () -> Long.MAX_VALUE, () -> {});
  }

  private final Watched watched;
  private final Duration configured;
  private Duration maxIdle;

  /** Begins with the configured time. */
  IndexSpace(Watched watched, Duration configured) {
    this.watched = watched;
    this.configured = configured;
    this.maxIdle = configured;
  }

  /** Whether a sweep is due before its time. */
  boolean isShort() {
    return watched.bytes().getAsLong() > watched.bound().getAsLong();
  }

  /** For how long something must have been idle to go in the sweep that begins now. */
  Duration forNextSweep() {
    if (isShort()) {
      Duration half = maxIdle.dividedBy(2);
      maxIdle = half.compareTo(LEAST_IDLE) < 0 ? shorter(LEAST_IDLE, configured) : half;
    } else {
      maxIdle = shorter(maxIdle.multipliedBy(2), configured);
    }
    return maxIdle;
  }

  /** A sweep has ended. */
  void swept() {
    if (isShort()) {
      watched.compact().run();
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
