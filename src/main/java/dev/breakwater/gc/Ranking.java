package dev.breakwater.gc;

import dev.breakwater.index.Index;
import dev.breakwater.index.Tables;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Finds the coldest blobs by one look at the whole index, in little memory. */
final class Ranking {
  /**
   * One that may go.
   *
   * @param size in bytes
   * @param lastUse when it was used last or, if never, stored
   * @param score how warm it is
   */
  record Candidate(Digest digest, long size, long lastUse, double score) {}

  /**
   * What was found.
   *
   * @param coldest first the coldest
   * @param oldestUse when the least recently used of all blobs was used, in milliseconds since the
   *     epoch; the present if there are none
   */
  record Result(List<Candidate> coldest, long oldestUse) {}

  private static final int MOST = 20_000;
  private static final Comparator<Candidate> WARMEST_FIRST =
      Comparator.comparingDouble(Candidate::score).reversed();

  private final PriorityQueue<Candidate> coldest = new PriorityQueue<>(WARMEST_FIRST);
  private final long wanted;
  private long bytes;

  private Ranking(long wanted) {
    this.wanted = wanted;
  }

  /** Looks for blobs of so many bytes together. Blocking: a million take about a second. */
  static Result of(Index index, UsageScore score, long bytes, long now) {
    Ranking ranking = new Ranking(bytes);
    long[] oldest = {now};
    index.join(
        Tables.BLOBS,
        Tables.BLOB_USAGE,
        (digest, blob, usage) -> {
          UsageRecord used = UsageScore.usageOf(blob, usage);
          oldest[0] = Math.min(oldest[0], used.lastUse());
          ranking.add(
              new Candidate(digest, blob.size(), used.lastUse(), score.of(used, blob.size(), now)));
        });
    List<Candidate> sorted = new ArrayList<>(ranking.coldest);
    sorted.sort(WARMEST_FIRST.reversed());
    return new Result(sorted, oldest[0]);
  }

  private void add(Candidate candidate) {
    Candidate warmest = coldest.peek();
    if (warmest != null && isEnough() && candidate.score() >= warmest.score()) {
      return;
    }
    coldest.add(candidate);
    bytes += candidate.size();
    while (isMoreThanEnough()) {
      bytes -= coldest.remove().size();
    }
  }

  private boolean isEnough() {
    return bytes >= wanted || coldest.size() >= MOST;
  }

  private boolean isMoreThanEnough() {
    Candidate warmest = coldest.peek();
    return warmest != null && (coldest.size() > MOST || bytes - warmest.size() >= wanted);
  }
}
