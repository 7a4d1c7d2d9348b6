package dev.breakwater.gc;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code registry:2} (distribution) leaves in its root directory, which becomes Breakwater's
 * data directory when only the image of a deployment is changed. Nothing in it is read or touched.
 */
final class OldRegistry {
  /** Its whole storage. */
  private static final String STORAGE = "docker";

  /** When a registry that was a mirror wanted to delete what. */
  private static final String SCHEDULE = "scheduler-state.json";

  private OldRegistry() {}

  /** What to say of a path that is not Breakwater's; empty if it is nothing of that sort. */
  static Optional<String> describe(Path path) throws IOException {
    if (path.endsWith(SCHEDULE)) {
      return Optional.of("is a file of a registry:2, which Breakwater does not use");
    }
    if (!path.endsWith(STORAGE)
        || !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        || !Files.isDirectory(path.resolve("registry/v2"), LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    Size size = new Size();
    Files.walkFileTree(path, size);
    return Optional.of(
        "is the storage of a registry:2, "
            + amount(size.bytes)
            + " in "
            + size.files
            + (size.files == 1 ? " file" : " files")
            + ", which Breakwater does not use and counts against cache.maxSize");
  }

  private static String amount(long bytes) {
    return bytes < 1 << 30
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }

  /** Counts files and their bytes; what cannot be read is left out. */
  private static final class Size extends SimpleFileVisitor<Path> {
    private long files;
    private long bytes;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (Thread.currentThread().isInterrupted()) {
        return FileVisitResult.TERMINATE;
      }
      files++;
      bytes += attributes.size();
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
      return FileVisitResult.CONTINUE;
    }
  }
}
