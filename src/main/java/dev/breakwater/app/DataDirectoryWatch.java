package dev.breakwater.app;

import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.Quoted;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether the data directory takes writes. While it does not, pulls go on and nothing new
 * is cached, so this is for the log, a gauge and the details of {@code /readyz}, not for readiness.
 * A full disk counts as writable: it has gauges of its own, and eviction makes room. Thread-safe.
 */
final class DataDirectoryWatch {
  private static final Logger log = LoggerFactory.getLogger(DataDirectoryWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  /** Tries to write. */
  @FunctionalInterface
  interface Probe {
    /** Blocks; fails as a write fails. */
    void write() throws IOException;
  }

  private final Path directory;
  private final Probe probe;
  private volatile Optional<String> trouble = Optional.empty();

  DataDirectoryWatch(Path directory, Probe probe) {
    this.directory = directory;
    this.probe = probe;
  }

  /** Writes to a file of its own. */
  static DataDirectoryWatch of(Path directory, Path file) {
    return new DataDirectoryWatch(
        directory,
        () -> {
          Files.deleteIfExists(file);
          Files.createFile(file);
          Files.delete(file);
        });
  }

  /** Probes now, which blocks, and from then on regularly on a worker thread. */
  void start(Vertx vertx) {
    PeriodicProbe.start(vertx, INTERVAL, this::probe);
  }

  /** Probes once; blocks. Logs only that the state has changed. */
  void probe() {
    Optional<String> found = failure();
    Optional<String> before = trouble;
    trouble = found;
    if (found.isPresent() && before.isEmpty()) {
      log.warn(
          "data directory {} cannot be written to: {}: pulls go on and nothing new is cached; mount"
              + " it read-write and check its disk, owner and permissions",
          Quoted.escape(directory.toString()),
          found.get());
    } else if (found.isEmpty() && before.isPresent()) {
      log.info(
          "data directory {} can be written to again: what is pulled is cached",
          Quoted.escape(directory.toString()));
    }
  }

  private Optional<String> failure() {
    try {
      probe.write();
      return Optional.empty();
    } catch (IOException e) {
      String reason = DiskReason.of(e);
      return isFull(reason) ? Optional.empty() : Optional.of(reason);
    }
  }

  private static boolean isFull(String reason) {
    String lower = reason.toLowerCase(Locale.ROOT);
    return lower.contains("no space left") || lower.contains("quota exceeded");
  }

  boolean isWritable() {
    return trouble.isEmpty();
  }

  /** What is wrong, for the details of a health check; empty if nothing is. */
  Optional<String> degradation() {
    return trouble.map(
        reason -> "it cannot be written to (" + reason + "), pulls go on and are not cached");
  }
}
