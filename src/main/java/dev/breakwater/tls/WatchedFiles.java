package dev.breakwater.tls;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Files that are looked at again and again, to be read anew when one of them is another than
 * before. Thread-safe. Closed by its owner once it has begun.
 */
public final class WatchedFiles implements AutoCloseable {
  private final List<Path> files;
  private final Runnable changed;
  private List<Optional<FileVersion>> versions;
  private Runnable stop = () -> {};

  /**
   * Notes what the files are now; their owner reads them after that, so that no change is missed.
   *
   * @param changed reads them again; may block, is never run twice at once
   */
  public WatchedFiles(List<Path> files, Runnable changed) {
    this.files = List.copyOf(files);
    this.changed = changed;
    this.versions = find();
  }

  /** Looks at them in such intervals from now on. */
  public void begin(Vertx vertx, Duration interval) {
    long timer =
        vertx.setPeriodic(
            interval.toMillis(),
            id ->
                vertx.executeBlocking(
                    () -> {
                      look();
                      return id;
                    }));
    stop = () -> vertx.cancelTimer(timer);
  }

  /** Looks at them now; blocks. */
  public synchronized void look() {
    List<Optional<FileVersion>> found = find();
    if (!found.equals(versions)) {
      versions = found;
      changed.run();
    }
  }

  private List<Optional<FileVersion>> find() {
    return files.stream().map(FileVersion::find).toList();
  }

  @Override
  public void close() {
    stop.run();
  }
}
