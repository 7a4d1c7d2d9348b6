package dev.breakwater.app;

import dev.breakwater.config.CacheConfig;
import dev.breakwater.config.DiskLimit;
import dev.breakwater.oci.Amounts;
import java.util.ArrayList;
import java.util.List;

/**
 * What is odd about the configured size of the cache on its volume. Odd sizes are warned of and not
 * refused: the mirror works with each of them, and a start that fails would stop all pulls, perhaps
 * after the volume was replaced by a smaller one.
 */
final class CacheSize {
  /** With less, the layers of one large image push each other out. */
  private static final long SMALL = 1L << 30;

  private CacheSize() {}

  /** Each is a line for the log. */
  static List<String> warnings(CacheConfig cache, long volumeBytes) {
    List<String> warnings = new ArrayList<>();
    long size = cache.maxSize().bytesOf(volumeBytes);
    long free = cache.minFree().bytesOf(volumeBytes);
    long most = Math.max(0, volumeBytes - free);
    if (cache.maxSize() instanceof DiskLimit.Amount && size > most) {
      warnings.add(
          "cache.maxSize is %s, but the volume has %s, of which cache.minFree keeps %s: the cache"
                  .formatted(cache.maxSize(), Amounts.bytes(volumeBytes), Amounts.bytes(free))
              + " can grow to %s; lower cache.maxSize, or use a larger volume"
                  .formatted(Amounts.bytes(most)));
    }
    if (size < SMALL) {
      warnings.add(
          "cache.maxSize is %s (%s): many images do not fit and are downloaded again at each pull;"
                  .formatted(cache.maxSize(), Amounts.bytes(size))
              + " set it to "
              + Amounts.bytes(SMALL)
              + " or more");
    }
    return warnings;
  }
}
