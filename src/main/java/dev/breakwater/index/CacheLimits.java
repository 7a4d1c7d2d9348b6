package dev.breakwater.index;

/**
 * How much of the index is kept in memory.
 *
 * @param tags how many tags
 * @param links how many links
 * @param blobs how many blobs
 * @param manifestBytes manifests, in bytes together
 * @param referrersBytes listings of referrers, in bytes together
 * @param largestEntry the longest manifest or listing that is kept, in bytes
 */
public record CacheLimits(
    int tags, int links, int blobs, long manifestBytes, long referrersBytes, int largestEntry) {
  /** About 50 MiB of heap when full. */
  public static final CacheLimits DEFAULT =
      new CacheLimits(10_000, 20_000, 20_000, 32L << 20, 4L << 20, 1 << 20);

  /** Checks that nothing is negative. */
  public CacheLimits {
    if (tags < 0
        || links < 0
        || blobs < 0
        || manifestBytes < 0
        || referrersBytes < 0
        || largestEntry < 0) {
      throw new IllegalArgumentException("a limit of the index cache is negative");
    }
  }
}
