package dev.breakwater.gc;

import dev.breakwater.index.Index;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the cache holds by zone, and what it would hold if every repository kept its own copies.
 *
 * @param zones in the order of their names
 * @param blobs how many files there are: one for each digest, whatever repository it came from
 * @param blobBytes their bytes
 * @param logicalBytes what they would be with a copy for each repository that may serve them
 */
public record Du(List<Zone> zones, long blobs, long blobBytes, long logicalBytes) {
  /**
   * A zone.
   *
   * @param name its name
   * @param repositories how many of its repositories have blobs here
   * @param links how many blobs its repositories may serve, each counted in each repository
   * @param logicalBytes the bytes of those
   * @param distinctBytes the same with each blob counted once in the zone
   */
  public record Zone(
      String name, long repositories, long links, long logicalBytes, long distinctBytes) {}

  private static final class Sum {
    private final Set<String> repositories = new HashSet<>();
    private final LongTable distinct = new LongTable();
    private long links;
    private long logical;
    private long distinctBytes;
  }

  /**
   * Looks at the whole index; blocking, for as long as that takes.
   *
   * @param rests whether it leaves the machine to others most of the time
   */
  public static Du of(Index index, boolean rests) {
    WorkPacer pace = new WorkPacer(rests);
    LongTable sizes = new LongTable();
    long[] bytes = {0};
    index.scan(
        Tables.BLOBS,
        (digest, blob) -> {
          pace.step();
          if (sizes.put(LongTable.fingerprint(digest), blob.size())) {
            bytes[0] += blob.size();
          }
        });
    Map<ZoneName, Sum> sums = new TreeMap<>();
    index.scan(
        Tables.LINKS,
        (key, link) -> {
          pace.step();
          long name = LongTable.fingerprint(key.name());
          if (sizes.contains(name)) {
            Sum sum = sums.computeIfAbsent(key.zone(), ignored -> new Sum());
            long size = sizes.get(name);
            sum.repositories.add(key.repository().value());
            sum.links++;
            sum.logical += size;
            sum.distinctBytes += sum.distinct.put(name, size) ? size : 0;
          }
        });
    List<Zone> zones = new ArrayList<>();
    long logical = 0;
    for (Map.Entry<ZoneName, Sum> entry : sums.entrySet()) {
      Sum sum = entry.getValue();
      logical += sum.logical;
      zones.add(
          new Zone(
              entry.getKey().value(),
              sum.repositories.size(),
              sum.links,
              sum.logical,
              sum.distinctBytes));
    }
    return new Du(zones, sizes.size(), bytes[0], logical);
  }
}
