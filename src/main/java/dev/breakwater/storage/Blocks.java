package dev.breakwater.storage;

/**
 * Files as they count on a disk: in whole blocks, which is what {@code du} shows and what fills the
 * volume.
 */
final class Blocks {
  /** What nearly every file system of today allots at once. */
  static final long SIZE = 4096;

  private Blocks() {}

  /** What a file of this length takes. */
  static long of(long length) {
    return (length + SIZE - 1) / SIZE * SIZE;
  }
}
