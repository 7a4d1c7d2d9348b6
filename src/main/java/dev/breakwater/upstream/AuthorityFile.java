package dev.breakwater.upstream;

import dev.breakwater.oci.ZoneName;
import dev.breakwater.tls.WatchedFiles;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

  private final ZoneName zone;
  private final Path file;
  private final Consumer<TrustOptions> changed;
  private final TrustOptions first;
  private final WatchedFiles watched;

  /**
   * Reads the file; throws {@link IllegalArgumentException} if it cannot be used.
   *
   * @param changed is given what is to be trusted from now on, by a thread that may block
   */
  AuthorityFile(Vertx vertx, ZoneName zone, Path file, Consumer<TrustOptions> changed) {
    this.zone = zone;
    this.file = file;
    this.changed = changed;
    this.watched = new WatchedFiles(List.of(file), this::readAgain);
    this.first = TrustAnchors.platformAnd(file);
    watched.begin(vertx, CHECK);
  }

  /** What is trusted at the start. */
  TrustOptions first() {
    return first;
  }

  /** Reads the file again if it is another one than before; blocks. */
  void readIfChanged() {
    watched.look();
  }

  private void readAgain() {
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
    watched.close();
  }
}
