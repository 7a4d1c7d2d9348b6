package dev.breakwater.bench;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.gc.UsageScore;
import dev.breakwater.index.UsageRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;

/** Caches of so many bytes that differ in what they let go. None of them is thread-safe. */
final class EvictionPolicies {
  /** One of them. */
  interface Policy {
    /** A client wants the blob; it is kept from now on. True if it was here. */
    boolean get(int blob, long size, long at);

    /** A manifest that was just asked for names the blob. */
    default void named(int blob, long at) {
      // Most policies know nothing of images.
    }
  }

  private EvictionPolicies() {}

  /** What was used longest ago goes first. */
  static final class Lru implements Policy {
    private final long capacity;
    private final LinkedHashMap<Integer, Long> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    Lru(long capacity) {
      this.capacity = capacity;
    }

    @Override
    public boolean get(int blob, long size, long at) {
      if (kept.get(blob) != null) {
        return true;
      }
      kept.put(blob, size);
      bytes += size;
      for (Iterator<Long> oldest = kept.values().iterator(); bytes > capacity; ) {
        bytes -= oldest.next();
        oldest.remove();
      }
      return false;
    }
  }

  /** Greedy dual by size and frequency (Cherkasova 1998): small and frequent ones stay. */
  static final class Gdsf implements Policy {
    private record Entry(int blob, double priority) {}

    private final long capacity;
    private final Map<Integer, double[]> kept = new HashMap<>();
    private final PriorityQueue<Entry> queue =
        new PriorityQueue<>(Comparator.comparingDouble(Entry::priority));
    private double clock;
    private long bytes;

    Gdsf(long capacity) {
      this.capacity = capacity;
    }

    @Override
    public boolean get(int blob, long size, long at) {
      double[] entry = kept.get(blob);
      boolean hit = entry != null;
      if (entry == null) {
        entry = new double[] {0, 0, size};
        kept.put(blob, entry);
        bytes += size;
      }
      entry[0]++;
      entry[1] = clock + entry[0] / size;
      queue.add(new Entry(blob, entry[1]));
      while (bytes > capacity) {
        Entry least = queue.remove();
        double[] found = kept.get(least.blob());
        if (found != null && found[1] == least.priority()) {
          clock = least.priority();
          kept.remove(least.blob());
          bytes -= (long) found[2];
        }
      }
      return hit;
    }
  }

  /** W-TinyLFU as Caffeine has it, weighing in KiB. */
  static final class TinyLfu implements Policy {
    private final Cache<Integer, Integer> cache;

    TinyLfu(long capacity) {
      cache =
          Caffeine.newBuilder()
              .executor(Runnable::run)
              .maximumWeight(capacity >> 10)
              .weigher((Integer blob, Integer kib) -> kib)
              .build();
    }

    @Override
    public boolean get(int blob, long size, long at) {
      if (cache.getIfPresent(blob) != null) {
        return true;
      }
      cache.put(blob, (int) ((size + 1023) >> 10));
      return false;
    }
  }

  /** S3-FIFO (Yang 2023): a small queue for newcomers, a large one for those asked for again. */
  static final class S3Fifo implements Policy {
    private final long capacity;
    private final Map<Integer, long[]> kept = new HashMap<>();
    private final Deque<Integer> small = new ArrayDeque<>();
    private final Deque<Integer> main = new ArrayDeque<>();
    private final LinkedHashMap<Integer, Long> ghosts = new LinkedHashMap<>();
    private long smallBytes;
    private long mainBytes;
    private long ghostBytes;

    S3Fifo(long capacity) {
      this.capacity = capacity;
    }

    @Override
    public boolean get(int blob, long size, long at) {
      long[] entry = kept.get(blob);
      if (entry != null) {
        entry[1] = Math.min(3, entry[1] + 1);
        return true;
      }
      kept.put(blob, new long[] {size, 0});
      Long ghost = ghosts.remove(blob);
      if (ghost != null) {
        ghostBytes -= ghost;
        main.add(blob);
        mainBytes += size;
      } else {
        small.add(blob);
        smallBytes += size;
      }
      while (smallBytes + mainBytes > capacity) {
        if (smallBytes > capacity / 10 || main.isEmpty()) {
          fromSmall();
        } else {
          fromMain();
        }
      }
      return false;
    }

    private void fromSmall() {
      int blob = small.remove();
      long[] entry = kept.get(blob);
      smallBytes -= entry[0];
      if (entry[1] > 0) {
        entry[1] = 0;
        main.add(blob);
        mainBytes += entry[0];
        return;
      }
      kept.remove(blob);
      ghosts.put(blob, entry[0]);
      ghostBytes += entry[0];
      for (Iterator<Long> oldest = ghosts.values().iterator(); ghostBytes > capacity; ) {
        ghostBytes -= oldest.next();
        oldest.remove();
      }
    }

    private void fromMain() {
      int blob = main.remove();
      long[] entry = kept.get(blob);
      if (entry[1] > 0) {
        entry[1]--;
        main.add(blob);
      } else {
        kept.remove(blob);
        mainBytes -= entry[0];
      }
    }
  }

  /** SIEVE (Zhang 2024): one queue, a hand that spares what was asked for since its last visit. */
  static final class Sieve implements Policy {
    private final long capacity;
    private final Map<Integer, long[]> kept = new HashMap<>();
    private final TreeMap<Long, Integer> queue = new TreeMap<>();
    private long next;
    private long hand = -1;
    private long bytes;

    Sieve(long capacity) {
      this.capacity = capacity;
    }

    @Override
    public boolean get(int blob, long size, long at) {
      long[] entry = kept.get(blob);
      if (entry != null) {
        entry[1] = 1;
        return true;
      }
      kept.put(blob, new long[] {size, 0});
      queue.put(next++, blob);
      bytes += size;
      while (bytes > capacity) {
        Map.Entry<Long, Integer> at0 = queue.higherEntry(hand);
        if (at0 == null) {
          at0 = queue.firstEntry();
        }
        hand = at0.getKey();
        long[] found = kept.get(at0.getValue());
        if (found[1] > 0) {
          found[1] = 0;
        } else {
          queue.remove(hand);
          kept.remove(at0.getValue());
          bytes -= found[0];
        }
      }
      return false;
    }
  }

  /**
   * What the product does: the coldest of all go, found by a look at all of them when the cache is
   * nearly full, down to the low watermark. It remembers how what has gone was used.
   */
  static final class Coldest implements Policy {
    private record Ranked(int blob, long size, double score) {}

    private final long capacity;
    private final UsageScore score;
    private final boolean images;
    private final Map<Integer, Long> kept = new HashMap<>();
    private final Map<Integer, UsageRecord> usage = new HashMap<>();
    private long bytes;

    Coldest(long capacity, UsageScore score, boolean images) {
      this.capacity = capacity;
      this.score = score;
      this.images = images;
    }

    @Override
    public boolean get(int blob, long size, long at) {
      use(blob, at);
      if (kept.containsKey(blob)) {
        return true;
      }
      if (bytes + size > capacity - capacity / 50) {
        makeRoom(capacity - capacity / 25 - size, at);
      }
      kept.put(blob, size);
      bytes += size;
      return false;
    }

    @Override
    public void named(int blob, long at) {
      if (images) {
        use(blob, at);
      }
    }

    private void use(int blob, long at) {
      UsageRecord before = usage.get(blob);
      // One use in half a minute, and one by manifests in ten: UsageWriter.
      if (before == null || at - before.lastUse() >= (images ? 600_000 : 30_000)) {
        usage.put(blob, score.used(Optional.ofNullable(before), at));
      }
    }

    private void makeRoom(long downTo, long at) {
      List<Ranked> all = new ArrayList<>();
      kept.forEach(
          (blob, size) -> all.add(new Ranked(blob, size, score.of(usage.get(blob), size, at))));
      all.sort(Comparator.comparingDouble(Ranked::score));
      for (Ranked coldest : all) {
        if (bytes <= downTo) {
          break;
        }
        kept.remove(coldest.blob());
        bytes -= coldest.size();
      }
    }
  }
}
