package dev.breakwater.bench;

import dev.breakwater.gc.UsageScore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * What should go when the cache is full: policies side by side on the same traces, in shares of
 * requests and of bytes that were here. Nothing is timed; the same run gives the same figures.
 *
 * <pre>mvn -q -DskipTests package exec:exec@bench -Dbench=EvictionBench</pre>
 */
public final class EvictionBench {
  private static final int PULLS = 60_000;
  private static final double[] SHARES = {0.03, 0.10, 0.30};

  private EvictionBench() {}

  /** Prints a table for each kind of trace. */
  public static void main(String[] args) {
    for (LayerTrace.Kind kind : LayerTrace.Kind.values()) {
      LayerTrace trace = new LayerTrace(kind, PULLS, 7);
      long footprint = trace.footprint();
      System.out.printf(
          "%s: %d pulls of %d GB in all; cache of so much of it: requests / bytes that hit%n",
          kind, trace.pulls().size(), footprint / 1_000_000_000);
      Table table = new Table("policy", "3 %", "10 %", "30 %");
      policies()
          .forEach(
              (name, policy) -> {
                Object[] row = new Object[1 + SHARES.length];
                row[0] = name;
                for (int i = 0; i < SHARES.length; i++) {
                  row[i + 1] = run(trace, policy.apply((long) (footprint * SHARES[i])));
                }
                table.row(row);
              });
      table.print(System.out);
    }
  }

  private static Map<String, LongFunction<EvictionPolicies.Policy>> policies() {
    Map<String, LongFunction<EvictionPolicies.Policy>> all = new LinkedHashMap<>();
    all.put("LRU", EvictionPolicies.Lru::new);
    all.put("SIEVE", EvictionPolicies.Sieve::new);
    all.put("S3-FIFO", EvictionPolicies.S3Fifo::new);
    all.put("GDSF", EvictionPolicies.Gdsf::new);
    all.put("W-TinyLFU (Caffeine)", EvictionPolicies.TinyLfu::new);
    // Nothing but the last use counts, with the watermarks of the product.
    UsageScore recency = new UsageScore(Duration.ofSeconds(1), 0);
    all.put("LRU, 96 to 98 % full", room -> new EvictionPolicies.Coldest(room, recency, false));
    UsageScore score = UsageScore.DEFAULT;
    all.put("usage score, blobs only", room -> new EvictionPolicies.Coldest(room, score, false));
    all.put("usage score", room -> new EvictionPolicies.Coldest(room, score, true));
    return all;
  }

  private static String run(LayerTrace trace, EvictionPolicies.Policy policy) {
    long requests = 0;
    long hits = 0;
    long bytes = 0;
    long hitBytes = 0;
    for (LayerTrace.Pull pull : trace.pulls()) {
      for (int blob : pull.named()) {
        policy.named(blob, pull.at());
      }
      for (int blob : pull.asked()) {
        long size = trace.size(blob);
        boolean hit = policy.get(blob, size, pull.at());
        requests++;
        bytes += size;
        hits += hit ? 1 : 0;
        hitBytes += hit ? size : 0;
      }
    }
    return "%.1f / %.1f".formatted(100.0 * hits / requests, 100.0 * hitBytes / bytes);
  }
}
