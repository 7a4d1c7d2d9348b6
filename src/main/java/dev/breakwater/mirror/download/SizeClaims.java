package dev.breakwater.mirror.download;

/**
 * What is known of the size of a blob whose bytes are not proven yet. What a manifest or an earlier
 * answer said is a hint: an answer that contradicts it is not used, but when the next one says the
 * same, the hint is dropped. Not thread-safe.
 */
final class SizeClaims {
  private long size;
  private long rival = -1;
  private boolean confirmed;
  private boolean told;
  private boolean disputed;

  /** Begins with a hint, or -1. */
  SizeClaims(long hint) {
    this.size = hint;
  }

  /** Whether the size is known, be it by a hint. */
  boolean isKnown() {
    return size >= 0;
  }

  /** Whether an answer has told the size. */
  boolean isTold() {
    return told;
  }

  /** The size to work with, or -1 while nothing is known. */
  long size() {
    return size;
  }

  /** Where the blob ends, or {@link Segment#UNKNOWN}. */
  long end() {
    return isKnown() ? size : Segment.UNKNOWN;
  }

  /**
   * Whether an answer that says this may be used; {@link #size} is this then.
   *
   * @param least the offset after the last byte that is here, which the size is hardly below
   */
  boolean accepts(long total, long least) {
    boolean likely = size < 0 && total >= least;
    if (likely || total == size) {
      confirmed |= size >= 0;
      return use(total);
    }
    if (!confirmed && total == rival) {
      return use(total);
    }
    rival = total;
    disputed = true;
    return false;
  }

  /** Whether an answer was not {@link #accepts accepted} since this was last asked. */
  boolean takeDispute() {
    boolean was = disputed;
    disputed = false;
    return was;
  }

  private boolean use(long total) {
    size = total;
    rival = -1;
    told = true;
    return true;
  }

  /** The end of a transfer that announced no size. */
  void endedAt(long total) {
    size = total;
  }
}
