package dev.breakwater.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes, reads and syncs directories. The one place that reads them: an iterator over a directory
 * reports an I/O error by an unchecked exception, which every caller would have to think of.
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

  /**
   * Makes a directory, and those above it, where they are missing; only this user may enter it.
   *
   * @throws IOException if it cannot be made, or is a symbolic link
   */
  static void make(Path directory) throws IOException {
    if (Files.isSymbolicLink(directory)) {
      throw new IOException(
          directory + " is a symbolic link: mount or bind the directory itself there instead");
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Makes the names in a directory durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
