package dev.breakwater.app;

import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the old generation collected before it grows. The parallel collector takes all memory up to
 * {@code -Xmx} before it collects the old generation for the first time, and memory that was used
 * once stays resident: an hour of ordinary garbage would cost as much as an attack. See {@code
 * docs/memory.md}.
 */
final class OldGeneration {
  /** Also the least time between two collections: each stops the server for 0.1 to 0.3 s. */
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  /** What the parallel collector, which {@code bin/breakwater} chooses, calls it. */
  private static final String POOL = "PS Old Gen";

  private static final Logger log = LoggerFactory.getLogger(OldGeneration.class);

  private OldGeneration() {}

  /** Looks every minute; does nothing with another collector. Ends with {@code vertx}. */
  static void collectInTime(Vertx vertx) {
    pool()
        .ifPresent(
            pool ->
                vertx.setPeriodic(
                    INTERVAL.toMillis(),
                    timer -> {
                      if (isDue(pool.getUsage(), pool.getCollectionUsage())) {
                        vertx.executeBlocking(() -> collect(pool), false);
                      }
                    }));
  }

  private static Optional<MemoryPoolMXBean> pool() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals(POOL))
        .findFirst();
  }

  /**
   * Whether the generation has nearly filled what it began with, and half of that is likely to be
   * garbage.
   *
   * @param now its usage
   * @param live its usage after its last collection; 0 used if there was none
   */
  static boolean isDue(MemoryUsage now, MemoryUsage live) {
    return now.getUsed() > now.getInit() / 4 * 3 && now.getUsed() > 2 * live.getUsed();
  }

  private static Void collect(MemoryPoolMXBean pool) {
    long before = pool.getUsage().getUsed();
    System.gc();
    log.debug("old generation collected: {} of {} bytes left", pool.getUsage().getUsed(), before);
    return null;
  }
}
