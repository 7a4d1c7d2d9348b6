package dev.breakwater.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.TestInfo;

/**
 * The files of one test or benchmark: a directory with its logs, which stay, and its stores, which
 * are removed when it is closed.
 */
public final class Workspace implements AutoCloseable {
  private final Path root;
  private final Path stores;
  private final Path run;

  /** That of {@code test}: {@code target/e2e/<test>/}. */
  Workspace(TestInfo test) {
    this(
        test.getTestClass().orElseThrow().getSimpleName()
            + "/"
            + test.getTestMethod().orElseThrow().getName());
  }

  /** {@code target/e2e/<test>/} */
  Workspace(String test) {
    this(Path.of("target", "e2e", test));
  }

  /** Starts afresh: what an earlier run left in {@code directory} is removed. */
  public Workspace(Path directory) {
    this.root = directory.toAbsolutePath();
    this.stores = root.resolve("stores");
    try {
      Mounts.releaseUnder(root);
      remove(root);
      Files.createDirectories(stores);
      // Not below target: the path of a socket must fit into 108 bytes, wherever the checkout is.
      this.run = Files.createTempDirectory("bw");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The log file of one process. */
  public Path log(String name) {
    return root.resolve(name + ".log");
  }

  /** A new, empty directory for bulk data. */
  public Path store(String name) {
    return fresh(stores, name);
  }

  /** A new, empty directory with a short path, for sockets. */
  public Path run(String name) {
    return fresh(run, name);
  }

  /** A small text file below the stores. */
  public Path file(String name, String text) {
    try {
      Path file = stores.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Mounts.releaseUnder(stores);
    Mounts.releaseUnder(run);
    remove(stores);
    remove(run);
  }

  private static Path fresh(Path parent, String name) {
    try {
      Path directory = parent.resolve(name);
      for (int n = 2; Files.exists(directory); n++) {
        directory = parent.resolve(name + n);
      }
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path directory) {
    // rm, because images hold files and modes that Java's walk stumbles over; never across a mount.
    Command.of("rm", "-rf", "--one-file-system", directory).run();
  }
}
