package dev.breakwater.gc;

import dev.breakwater.index.Index;
import dev.breakwater.index.Tables;
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
   * @param lastUse when it was last used or, if that is later, stored
   * @param score how warm it is; what is leased is warmer than all that is not
   */
  record Candidate(Digest digest, long size, long lastUse, double score) {}

  /**
   * What was found.
   *
   * @param coldest first the coldest
   * @param oldestUse when the least recently used of all blobs was used, in milliseconds since the
   *     epoch; the present if there are none
   * @param firstSpared the earliest last use of the blobs that are in their grace and so no
   *     candidates; {@code Long.MAX_VALUE} if there are none
   */
  record Result(List<Candidate> coldest, long oldestUse, long firstSpared) {}

  private static final int MOST = 20_000;

  /** Added to the score of what is leased; no difference of two scores is as large. */
  private static final double LEASED = 1e9;

  private static final Comparator<Candidate> WARMEST_FIRST =
      Comparator.comparingDouble(Candidate::score).reversed();

  private final PriorityQueue<Candidate> coldest = new PriorityQueue<>(WARMEST_FIRST);
  private final long wanted;
  private long bytes;

  private Ranking(long wanted) {
    this.wanted = wanted;
  }

  /** Looks for blobs of so many bytes together. Blocking: a million take about a second. */
  static Result of(Index index, UsageScore score, Leases leases, Pins pins, long bytes, long now) {
    Ranking ranking = new Ranking(bytes);
    long[] oldest = {now};
    long[] spared = {Long.MAX_VALUE};
    index.join(
        Tables.BLOBS,
        Tables.BLOB_USAGE,
        (digest, blob, usage) -> {
          long lastUse = UsageScore.lastUse(blob, usage);
          oldest[0] = Math.min(oldest[0], lastUse);
          if (leases.isInGrace(lastUse, now)) {
            spared[0] = Math.min(spared[0], lastUse);
            return;
          }
          if (pins.isBlobPinned(digest)) {
            return;
          }
          double warmth = score.of(UsageScore.usageOf(blob, usage), blob.size(), now);
          ranking.add(
              new Candidate(
                  digest,
                  blob.size(),
                  lastUse,
                  leases.isLeased(lastUse, now) ? warmth + LEASED : warmth));
        });
    List<Candidate> sorted = new ArrayList<>(ranking.coldest);
    sorted.sort(WARMEST_FIRST.reversed());
    return new Result(sorted, oldest[0], spared[0]);
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
