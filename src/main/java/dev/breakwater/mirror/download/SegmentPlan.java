package dev.breakwater.mirror.download;

import dev.breakwater.storage.PresentRanges.Range;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says which stretch of a blob to ask for next. Confined to the download's context. */
record SegmentPlan(GrowingBlob bytes, DownloadSettings.Segments settings) {
  /*
   * Work is what is missing and not on its way: the gaps of the GrowingBlob less the segments.
   *
   * One segment takes all of the first gap. Several take pieces of it, each a share of what is
   * missing, so that there is still work to give away when more segments are to run, and so that
   * all end at about the same time. Nothing that is on its way has to be cut off for that: what
   * upstream has sent beyond a cut is paid for twice. Only when no work is left does a segment that
   * has very far to go give away its second half: some megabytes of it may be on their way already,
   * in the buffers of both kernels.
   */

  private static final int WORTH_A_CUT = 8;

  /**
   * The first request of a blob of an unknown upstream: a part of it, so that segments can be added
   * without cutting it off.
   */
  Range opening(long size) {
    long start = bytes.gaps(size).getFirst().start();
    return new Range(start, Math.min(size, start + Math.min(settings.opening(), size / 4)));
  }

  /**
   * The next stretch of a blob of this size, of which these segments are on their way; empty if
   * they have all there is.
   */
  Optional<Range> next(long size, Collection<Segment> running, Throughput throughput) {
    List<Range> unassigned = unassigned(size, running);
    if (unassigned.isEmpty()) {
      return Optional.empty();
    }
    Range first = unassigned.getFirst();
    int target = throughput.target();
    long share = (size - bytes.total()) / (throughput.mayGrow() ? 2L * target : target);
    long piece = Math.max(2 * settings.size(), share);
    long end =
        target == 1 || first.length() < piece + piece / 2 ? first.end() : first.start() + piece;
    return Optional.of(new Range(first.start(), end));
  }

  /** The segment that should give away its second half, if one is worth it. */
  Optional<Segment> longest(Collection<Segment> running) {
    return running.stream()
        .max(Comparator.comparingLong(Segment::rest))
        .filter(segment -> segment.rest() >= WORTH_A_CUT * settings.size());
  }

  /** The segment that this byte is to come by, or null. */
  @Nullable Segment covering(long offset, Collection<Segment> running) {
    for (Segment segment : running) {
      if (segment.position() <= offset && offset < segment.end()) {
        return segment;
      }
    }
    return null;
  }

  /** The first byte from there to there that is not here, or -1. */
  long firstMissing(long from, long to, long size) {
    for (Range gap : bytes.gaps(size)) {
      if (gap.end() > from) {
        long start = Math.max(from, gap.start());
        return start < to ? start : -1;
      }
    }
    return -1;
  }

  /** Where the stretch ends that is missing there and that no segment beyond is to bring. */
  long endOfGap(long offset, long size, Collection<Segment> running) {
    long end = size;
    for (Range gap : bytes.gaps(size)) {
      if (gap.start() <= offset && offset < gap.end()) {
        end = gap.end();
      }
    }
    for (Segment segment : running) {
      if (segment.position() > offset) {
        end = Math.min(end, segment.position());
      }
    }
    return end;
  }

  private List<Range> unassigned(long size, Collection<Segment> running) {
    List<Segment> ordered = new ArrayList<>(running);
    ordered.sort(Comparator.comparingLong(Segment::position));
    List<Range> stretches = new ArrayList<>();
    for (Range gap : bytes.gaps(size)) {
      long start = gap.start();
      for (Segment segment : ordered) {
        if (segment.position() < gap.end() && segment.end() > start) {
          if (segment.position() > start) {
            stretches.add(new Range(start, segment.position()));
          }
          start = Math.min(gap.end(), segment.end());
        }
      }
      if (start < gap.end()) {
        stretches.add(new Range(start, gap.end()));
      }
    }
    return stretches;
  }
}
