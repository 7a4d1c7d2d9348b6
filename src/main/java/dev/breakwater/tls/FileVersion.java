package dev.breakwater.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tells the content of a file from what it has later. Links are followed, since a secret that
 * Kubernetes mounts is replaced by another link to it.
 *
 * @param time when it was written
 * @param size in bytes
 * @param key the file itself, as the file system knows it
 */
public record FileVersion(FileTime time, long size, @Nullable Object key) {
  /** As the file is now. */
  public static FileVersion of(Path file) throws IOException {
    BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileVersion(found.lastModifiedTime(), found.size(), found.fileKey());
  }

  /** As the file is now; empty if there is none that this user may see. */
  public static Optional<FileVersion> find(Path file) {
    try {
      return Optional.of(of(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
