package dev.breakwater.mirror.download;

import dev.breakwater.upstream.UpstreamException;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;

/**
 * How often, and after which waits, an attempt goes on when its last transfer has broken. Confined
 * to the download's context.
 */
final class RetryPolicy {
  private final int most;
  private final long firstMillis;
  private final DoubleSupplier random;
  private int failures;

  /**
   * Nothing has failed yet.
   *
   * @param random from 0 to 1, for jitter
   */
  RetryPolicy(DownloadSettings.Retries settings, DoubleSupplier random) {
    this.most = settings.most();
    this.firstMillis = settings.firstWait().toMillis();
    this.random = random;
  }

  /** Bytes have come. */
  void arrived() {
    failures = 0;
  }

  /** Counts a failure: after how many milliseconds to go on; empty if it is to be given up. */
  OptionalLong failed() {
    failures++;
    return mayRepeat(failures - 1) ? OptionalLong.of(delay(failures - 1)) : OptionalLong.empty();
  }

  /** Whether one more request may follow so many that have failed. */
  boolean mayRepeat(int failed) {
    return failed < most;
  }

  /** The wait in milliseconds, doubled so many times: half of it for sure, the rest by chance. */
  long delay(int doublings) {
    long delay = firstMillis << doublings;
    return Math.max(1, delay / 2 + Math.round(random.getAsDouble() * (delay - delay / 2)));
  }

  /** Whether upstream does not like how much it is asked for. */
  static boolean isHeldBack(UpstreamException cause) {
    return switch (cause.outcome()) {
      case RATE_LIMITED, SERVER_ERROR, INVALID, REFUSED -> true;
      default -> false;
    };
  }
}
