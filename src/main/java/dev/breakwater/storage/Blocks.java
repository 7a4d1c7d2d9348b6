package dev.breakwater.storage;

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
}
