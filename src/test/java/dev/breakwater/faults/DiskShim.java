package dev.breakwater.faults;

import dev.breakwater.e2e.Command;
import dev.breakwater.e2e.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** A disk that fails when it is told to: {@code src/test/c/diskfault.c}, compiled for one test. */
final class DiskShim {
  private static final Path SOURCE = Path.of("src", "test", "c", "diskfault.c").toAbsolutePath();
  private static final int EIO = 5;
  private static final int EROFS = 30;

  private final Path library;
  private final Path control;

  private DiskShim(Path library, Path control) {
    this.library = library;
    this.control = control;
  }

  static DiskShim compile(Workspace workspace) {
    Path directory = workspace.store("shim");
    Path library = directory.resolve("diskfault.so");
    Command.of("gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, SOURCE, "-ldl")
        .run();
    return new DiskShim(library, directory.resolve("rules"));
  }

  /** What a process must have in its environment to live on this disk. */
  Map<String, String> environment() {
    return Map.of("LD_PRELOAD", library.toString(), "DISKFAULT", control.toString());
  }

  /** From now on reading files with that in their path fails. */
  void failReading(String path) {
    rule("read " + path + " " + EIO + " 0\n");
  }

  /** From now on syncing files with that in their path fails. */
  void failSyncing(String path) {
    rule("sync " + path + " " + EIO + " 0\n");
  }

  /** From now on syncing files with that in their path does not end before the disk is healed. */
  void holdSyncing(String path) {
    rule("sync " + path + " 0 -1\n");
  }

  /** From now on nothing below that directory can be written. */
  void turnReadOnly(String path) {
    rule("write " + path + " " + EROFS + " 0\nopen " + path + " " + EROFS + " 0\n");
  }

  /** The disk is well again. */
  void heal() {
    rule("");
  }

  private void rule(String text) {
    try {
      Path next = control.resolveSibling("next");
      Files.writeString(next, text);
      Files.move(next, control, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
