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
  /** Short: a busy machine fills the generation in the first minute. */
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  /** Between two collections, at least: each stops the server for 0.1 to 0.3 s. */
  private static final Duration PAUSE = Duration.ofSeconds(30);

  /** What the parallel collector, which {@code bin/breakwater} chooses, calls it. */
  private static final String POOL = "PS Old Gen";

  private static final Logger log = LoggerFactory.getLogger(OldGeneration.class);

  private final MemoryPoolMXBean pool;

  /** By {@link System#nanoTime}; the timer's own. */
  private long next = System.nanoTime();

  private OldGeneration(MemoryPoolMXBean pool) {
    this.pool = pool;
  }

  /** Looks every 5 s; does nothing with another collector. Ends with {@code vertx}. */
  static void collectInTime(Vertx vertx) {
    pool()
        .map(OldGeneration::new)
        .ifPresent(old -> vertx.setPeriodic(INTERVAL.toMillis(), timer -> old.look(vertx)));
  }

  private void look(Vertx vertx) {
    long now = System.nanoTime();
    if (now - next >= 0 && isDue(pool.getUsage(), pool.getCollectionUsage())) {
      next = now + PAUSE.toNanos();
      vertx.executeBlocking(this::collect, false);
    }
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

  private Void collect() {
    long before = pool.getUsage().getUsed();
    System.gc();
    log.debug("old generation collected: {} of {} bytes left", pool.getUsage().getUsed(), before);
    return null;
  }
}
