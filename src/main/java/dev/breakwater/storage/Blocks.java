package dev.breakwater.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Files as they count on a disk: in whole blocks, which is what {@code du} shows and what fills the
 * volume.
 */
final class Blocks {
  /** What nearly every file system of today allots at once. */
  static final long SIZE = 4096;

  private Blocks() {}

  /** The most that can be told. */
  private static final long MOST = Long.MAX_VALUE / SIZE * SIZE;

  /** What a file of this length takes; a length that nothing can have stays one. */
  static long of(long length) {
    return length > MOST ? MOST : (length + SIZE - 1) / SIZE * SIZE;
  }

  /** A sum of two sizes, neither negative; never less than either. */
  static long sum(long one, long other) {
    return one > MOST - other ? MOST : one + other;
  }

  /** What a file takes; 0 if there is none of that name, or it is no regular file. Blocking. */
  static long of(Path file) throws IOException {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? of(Files.size(file)) : 0;
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** Deletes a file: what it took; 0 if there was none. Blocking. */
  static long delete(Path file) throws IOException {
    try {
      long bytes = of(Files.size(file));
      Files.delete(file);
      return bytes;
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
