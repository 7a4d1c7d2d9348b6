package dev.breakwater.gc;

import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.DiskUsage.ZoneUsage;
import dev.breakwater.index.Index;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts what the cache holds by zone, and what it would hold without shared blobs. */
public final class Du {
  private Du() {}

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
  public static DiskUsage of(Index index, boolean rests) {
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
    List<ZoneUsage> zones = new ArrayList<>();
    long logical = 0;
    for (Map.Entry<ZoneName, Sum> entry : sums.entrySet()) {
      Sum sum = entry.getValue();
      logical += sum.logical;
      zones.add(
          new ZoneUsage(
              entry.getKey().value(),
              sum.repositories.size(),
              sum.links,
              sum.logical,
              sum.distinctBytes));
    }
    return new DiskUsage(zones, sizes.size(), bytes[0], logical);
  }
}
