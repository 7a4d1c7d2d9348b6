package dev.breakwater.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Which file it is, of those that have had the same name one after the other: what was found out
 * about a file must not be used against its replacement.
 *
 * @param key device and inode
 * @param modified when its bytes were changed last, in nanoseconds since the epoch, because the
 *     number of an inode is used again
 */
public record FileIdentity(Object key, long modified) {
  /** Of the file that has that name now; blocking. */
  static FileIdentity of(Path path) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    Object key = attributes.fileKey();
    return new FileIdentity(
        key == null ? path : key,
        attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS));
  }

  /** Whether the file of that name is this one now; blocking. */
  boolean isAt(Path path) throws IOException {
    try {
      return of(path).equals(this);
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
