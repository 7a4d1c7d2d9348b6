package dev.breakwater.storage;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads directories. The one place that does: an iterator over a directory reports an I/O error by
 * an unchecked exception, which every caller would have to think of.
 */
final class Directories {
  private Directories() {}

  /**
   * What a directory holds, in no order; blocking.
   *
   * @throws java.nio.file.NoSuchFileException if it does not exist
   * @throws IOException if it cannot be read
   */
  static List<Path> list(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return list(entries);
    }
  }

  static List<Path> list(DirectoryStream<Path> entries) throws IOException {
    List<Path> paths = new ArrayList<>();
    try {
      entries.forEach(paths::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return paths;
  }
}
