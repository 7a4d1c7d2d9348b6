package dev.breakwater.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** What container engines leave mounted when they end. */
final class Mounts {
  private static final int MOUNT_POINT = 4;

  private Mounts() {}

  /** Unmounts everything at and below {@code directory}, the innermost first. */
  static void releaseUnder(Path directory) {
    try {
      List<Path> mounted =
          Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
              .map(line -> line.split(" ", -1)[MOUNT_POINT])
              .map(Path::of)
              .filter(point -> point.startsWith(directory))
              .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
              .toList();
      mounted.forEach(point -> Command.of("umount", "-l", point).run());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
