package dev.breakwater.mirror;

/**
 * What a download has found out about its upstream.
 *
 * @param segments how many a download from there does well to begin with
 * @param more whether more of them might be faster still
 */
record Lesson(int segments, boolean more) {
  /** No more than one: upstream asks for that. */
  static final Lesson ONE = new Lesson(1, false);
}
