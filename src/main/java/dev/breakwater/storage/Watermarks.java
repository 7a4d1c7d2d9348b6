package dev.breakwater.storage;

/**
 * Where eviction begins and ends below a limit. All in bytes.
 *
 * @param limit the most that everything together may have
 */
record Watermarks(long limit) {
  /** What is left for files without a reservation: at most this, on small caches a share. */
  private static final long HEADROOM = 64L << 20;

  private static final long HEADROOM_SHARE = 16;

  /** Eviction begins so far below the limit: a share of it, at most a few large layers. */
  private static final long HIGH_SHARE = 50;

  private static final long HIGH_MOST = 8L << 30;

  long headroom() {
    return Math.min(HEADROOM, limit / HEADROOM_SHARE);
  }

  /** Deletes begin above it. */
  long high() {
    return limit - Math.min(limit / HIGH_SHARE, HIGH_MOST);
  }

  /** Deletes should go on down to here once they have begun. */
  long low() {
    return limit - 2 * (limit - high());
  }

  /** By how much more than {@code minFree} is freed when others fill the volume. */
  static long aboveFree(long minFree) {
    return minFree / HIGH_SHARE;
  }
}
