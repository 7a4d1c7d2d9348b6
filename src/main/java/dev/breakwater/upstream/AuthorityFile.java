package dev.breakwater.upstream;

import dev.breakwater.oci.ZoneName;
import dev.breakwater.tls.FileVersion;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of the operator's own certificate authorities for one registry. When it changes, those
 * in it are trusted instead; a file that cannot be used changes nothing. Thread-safe. Closed by its
 * owner.
 */
final class AuthorityFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorityFile.class);
  private static final Duration CHECK = Duration.ofSeconds(30);

  private final Vertx vertx;
  private final ZoneName zone;
  private final Path file;
  private final Consumer<TrustOptions> changed;
  private final TrustOptions first;
  private final long timer;
  private Optional<FileVersion> version;

  /**
   * Reads the file; throws {@link IllegalArgumentException} if it cannot be used.
   *
   * @param changed is given what is to be trusted from now on, by a thread that may block
   */
  AuthorityFile(Vertx vertx, ZoneName zone, Path file, Consumer<TrustOptions> changed) {
    this.vertx = vertx;
    this.zone = zone;
    this.file = file;
    this.changed = changed;
    this.version = FileVersion.find(file);
    this.first = TrustAnchors.platformAnd(file);
    this.timer =
        vertx.setPeriodic(
            CHECK.toMillis(),
            id ->
                vertx.executeBlocking(
                    () -> {
                      readIfChanged();
                      return id;
                    }));
  }

  /** What is trusted at the start. */
  TrustOptions first() {
    return first;
  }

  /** Reads the file again if it is another one than before; blocks. */
  synchronized void readIfChanged() {
    Optional<FileVersion> found = FileVersion.find(file);
    if (found.equals(version)) {
      return;
    }
    version = found;
    try {
      changed.accept(TrustAnchors.platformAnd(file));
      LOG.info("[{}] new connections trust the changed certificate authorities in {}", zone, file);
    } catch (IllegalArgumentException e) {
      LOG.warn(
          "[{}] the file of certificate authorities has changed and cannot be used, the former ones"
              + " are trusted on: {}",
          zone,
          e.getMessage());
    }
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
  }
}
