package dev.breakwater.mirror.download;

import io.vertx.core.buffer.Buffer;

/**
 * Bytes of a blob in memory.
 *
 * @param start offset of the first
 * @param bytes as they arrived, or gathered; those that are here never change
 * @param gathers whether there is room for more behind them
 */
record Piece(long start, Buffer bytes, boolean gathers) {
  /** Below this many bytes what arrives is gathered with what follows it. */
  private static final int SMALL = 4 * 1024;

  /** How many bytes are gathered at the most. */
  private static final int GATHERED = 16 * 1024;

  /** What has arrived. */
  static Piece of(long start, Buffer bytes) {
    return bytes.length() >= SMALL
        ? new Piece(start, bytes, false)
        : new Piece(start, Buffer.buffer(GATHERED).appendBuffer(bytes), true);
  }

  /** Takes what has arrived too, if it is small, comes next and there is room for it. */
  boolean gather(long offset, Buffer more) {
    if (!gathers
        || more.length() >= SMALL
        || offset != end()
        || bytes.length() + more.length() > GATHERED) {
      return false;
    }
    bytes.appendBuffer(more);
    return true;
  }

  long end() {
    return start + bytes.length();
  }

  int length() {
    return bytes.length();
  }

  /** The bytes of memory that it takes. */
  long cost() {
    return gathers ? GATHERED : bytes.length();
  }

  /** What it has of {@code [from, to)}; it must have the first of them. */
  Buffer part(long from, long to) {
    int first = (int) (from - start);
    int last = (int) (Math.min(to, end()) - start);
    return !gathers && first == 0 && last == bytes.length() ? bytes : bytes.slice(first, last);
  }
}
