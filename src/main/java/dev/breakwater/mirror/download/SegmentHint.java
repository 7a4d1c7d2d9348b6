package dev.breakwater.mirror.download;

/**
 * What a download has found out about its upstream.
 *
 * @param segments how many a download from there does well to begin with
 * @param more whether more of them might be faster still
 */
record SegmentHint(int segments, boolean more) {
  /** No more than one: upstream asks for that. */
  static final SegmentHint ONE = new SegmentHint(1, false);
}
