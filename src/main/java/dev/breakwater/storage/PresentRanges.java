package dev.breakwater.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of byte offsets kept as disjoint, non-touching half-open ranges: which bytes of a growing
 * file are there. Not thread-safe.
 */
public final class PresentRanges {
  private final TreeMap<Long, Long> endByStart = new TreeMap<>();

  /** A half-open range {@code [start, end)}. */
  public record Range(long start, long end) {
    /** How many bytes. */
    public long length() {
      return end - start;
    }
  }

  /** Adds {@code [start, end)}; overlaps are welcome. */
  public void add(long start, long end) {
    if (start >= end) {
      return;
    }
    long from = start;
    long to = end;
    Map.Entry<Long, Long> left = endByStart.floorEntry(start);
    if (left != null && left.getValue() >= start) {
      from = left.getKey();
      to = Math.max(to, left.getValue());
    }
    Map.Entry<Long, Long> next = endByStart.ceilingEntry(from);
    while (next != null && next.getKey() <= to) {
      to = Math.max(to, next.getValue());
      endByStart.remove(next.getKey());
      next = endByStart.ceilingEntry(from);
    }
    endByStart.put(from, to);
  }

  /** The end of the run of present bytes that contains {@code offset}; {@code offset} if none. */
  public long endOfRunAt(long offset) {
    Map.Entry<Long, Long> run = endByStart.floorEntry(offset);
    return run == null || run.getValue() <= offset ? offset : run.getValue();
  }

  /** How many bytes are present from offset 0 on without a gap. */
  public long prefix() {
    return endOfRunAt(0);
  }

  /** The offset after the last byte that is present; 0 if none is. */
  public long end() {
    return endByStart.isEmpty() ? 0 : endByStart.lastEntry().getValue();
  }

  /** How many bytes are present in all. */
  public long total() {
    long total = 0;
    for (Map.Entry<Long, Long> run : endByStart.entrySet()) {
      total += run.getValue() - run.getKey();
    }
    return total;
  }

  /** The runs, in order. */
  public List<Range> runs() {
    List<Range> runs = new ArrayList<>(endByStart.size());
    endByStart.forEach((start, end) -> runs.add(new Range(start, end)));
    return runs;
  }

  /** What is missing of {@code [start, end)}, in order. */
  public List<Range> gaps(long start, long end) {
    List<Range> gaps = new ArrayList<>();
    long at = endOfRunAt(start);
    for (Map.Entry<Long, Long> run : endByStart.tailMap(start, false).entrySet()) {
      if (run.getKey() >= end) {
        break;
      }
      if (run.getKey() > at) {
        gaps.add(new Range(at, run.getKey()));
      }
      at = run.getValue();
    }
    if (at < end) {
      gaps.add(new Range(at, end));
    }
    return gaps;
  }

  /** Forgets everything. */
  public void clear() {
    endByStart.clear();
  }

  @Override
  public String toString() {
    return runs().toString();
  }
}
