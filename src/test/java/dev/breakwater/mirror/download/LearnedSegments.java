package dev.breakwater.mirror.download;

import dev.breakwater.oci.ZoneName;

/** What a test says of an upstream, as if an earlier download had found it out. */
public final class LearnedSegments {
  private LearnedSegments() {}

  /** Downloads from there do best with so many segments. */
  public static void learned(Downloads downloads, ZoneName zone, int segments) {
    downloads.historyOf(zone).learned(new SegmentHint(segments, false));
  }
}
