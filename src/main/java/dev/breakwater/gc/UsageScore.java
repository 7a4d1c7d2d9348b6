package dev.breakwater.gc;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.UsageRecord;
import java.time.Duration;
import java.util.Optional;

/**
 * How warm a blob is: the more it is used, the more lately and the smaller it is, the warmer. The
 * coldest go first.
 *
 * @param halfLife after which a use counts half
 * @param sizeWeight how much the size counts: 0 not at all, 1 as much as the uses
 */
public record UsageScore(Duration halfLife, double sizeWeight) {
  /*
   * The score of a blob now is
   *
   *   log2(uses) - age of the last use / halfLife - sizeWeight * log2(size)
   *
   * where uses fade by half every half-life. Two blobs that are left alone keep their order, so a
   * list of the coldest stays right until one of them is used.
   *
   * docs/eviction.md compares it with other policies. It needs no memory per blob and survives a
   * restart, since a few numbers in the index are all of it.
   *
   * A use of a manifest counts as a use of all it names (UsageWriter), since machines that have an
   * image's lower layers do not ask for them, and the next fresh one will: that is what keeps the
   * shared layers of a live image longer than a dead image's.
   */

  /** What the product uses. */
  public static final UsageScore DEFAULT = new UsageScore(Duration.ofHours(12), 0.25);

  private static final double LN2 = Math.log(2);

  /** How it was used after one more use; a clock that was set back does not cool. */
  public UsageRecord used(Optional<UsageRecord> before, long now) {
    return before
        .map(
            usage ->
                new UsageRecord(
                    Math.max(now, usage.lastUse()),
                    1 + usage.uses() * Math.pow(2, -halvings(usage, now))))
        .orElseGet(() -> new UsageRecord(now, 1));
  }

  /** How a blob was used of which only the index knows that it is here. */
  public static UsageRecord usageOf(BlobRecord blob, Optional<UsageRecord> usage) {
    return usage.orElseGet(() -> new UsageRecord(blob.storedAt(), 1));
  }

  /** When the blob was last used or, if that is later, stored. */
  public static long lastUse(BlobRecord blob, Optional<UsageRecord> usage) {
    return Math.max(blob.storedAt(), usage.map(UsageRecord::lastUse).orElse(0L));
  }

  /** The score; comparable with others of the same moment. */
  public double of(UsageRecord usage, long size, long now) {
    return log2(usage.uses())
        - halvings(usage, now)
        - sizeWeight * log2((double) Math.max(1, size));
  }

  private double halvings(UsageRecord usage, long now) {
    return Math.max(0, now - usage.lastUse()) / (double) halfLife.toMillis();
  }

  private static double log2(double number) {
    return Math.log(number) / LN2;
  }
}
