package dev.breakwater.app;

import dev.breakwater.oci.Amounts;
import dev.breakwater.oci.Quoted;
import dev.breakwater.storage.DiskStanding;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether other files on the volume keep the cache well below its limit: then it evicts
 * what it has room for by its configuration, and an operator who looks at the limit only does not
 * see why. For the log, a gauge and the details of {@code /readyz}, not for readiness. Thread-safe.
 */
final class DiskPressureWatch {
  /*
   * Pressure begins when the cache can hardly grow (by less than SLACK of the limit or of minFree,
   * whichever is more) and has less than BEGINS of its limit. It ends when the cache can grow by
   * twice as much, or to ENDS of its limit. In between the state stays, so that eviction, which
   * frees a little more than it must, does not end what has not ended.
   */
  private static final double SLACK = 0.05;
  private static final double BEGINS = 0.9;
  private static final double ENDS = 0.95;
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(DiskPressureWatch.class);

  private final Path directory;
  private final Supplier<Optional<DiskStanding>> standing;
  private volatile Optional<String> pressure = Optional.empty();

  /**
   * Does nothing before {@link #start}.
   *
   * @param standing asks the file system; may block; empty if it does not tell
   */
  DiskPressureWatch(Path directory, Supplier<Optional<DiskStanding>> standing) {
    this.directory = directory;
    this.standing = standing;
  }

  /** Probes now, which blocks, and from then on regularly on a worker thread. */
  void start(Vertx vertx) {
    PeriodicProbe.start(vertx, INTERVAL, this::probe);
  }

  /** Probes once; blocks. Logs only that the state has changed. */
  void probe() {
    standing.get().ifPresent(this::look);
  }

  private void look(DiskStanding now) {
    boolean before = isPressed();
    boolean pressed = before ? !ends(now) : begins(now);
    pressure = pressed ? Optional.of(text(now)) : Optional.empty();
    if (pressed && !before) {
      log.warn(
          "other files fill the volume of {}: {}; free space on the volume, or lower cache.maxSize",
          Quoted.escape(directory.toString()),
          text(now));
    } else if (before && !pressed) {
      log.info(
          "the volume of {} has room again: the cache can grow to {}",
          Quoted.escape(directory.toString()),
          Amounts.bytes(now.effectiveLimit()));
    }
  }

  private static boolean begins(DiskStanding now) {
    return now.spare() < slack(now) && now.effectiveLimit() < BEGINS * now.limit();
  }

  private static boolean ends(DiskStanding now) {
    return now.spare() >= 2 * slack(now) || now.effectiveLimit() >= ENDS * now.limit();
  }

  private static double slack(DiskStanding now) {
    return SLACK * Math.max(now.limit(), now.minFree());
  }

  private static String text(DiskStanding now) {
    return "the cache can have %s of %s (cache.maxSize), so that %s stay free (cache.minFree)"
        .formatted(
            Amounts.bytes(now.effectiveLimit()),
            Amounts.bytes(now.limit()),
            Amounts.bytes(now.minFree()));
  }

  boolean isPressed() {
    return pressure.isPresent();
  }

  /** What is wrong, for the details of a health check; empty if nothing is. */
  Optional<String> degradation() {
    return pressure.map(text -> "other files fill the volume: " + text);
  }
}
