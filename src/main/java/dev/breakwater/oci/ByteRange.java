package dev.breakwater.oci;

/**
 * Consecutive bytes of content, both ends included, as {@code Content-Range} counts them.
 *
 * @param first offset of the first byte
 * @param last offset of the last byte
 */
public record ByteRange(long first, long last) {
  /** Checks that there is at least one byte. */
  public ByteRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("no range: " + first + "-" + last);
    }
  }

  /** How many bytes these are. */
  public long length() {
    return last - first + 1;
  }

  /** The offset after the last byte. */
  public long end() {
    return last + 1;
  }

  /** The value of {@code Content-Range} for content of this size; stargz wants the number. */
  public String contentRange(long size) {
    return "bytes " + first + '-' + last + '/' + size;
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }
}
