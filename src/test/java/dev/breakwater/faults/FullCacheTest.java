package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Twenty times what the cache holds is pulled through it, images by Zipf's law, while an operator
 * adds up the files of its directory again and again.
 *
 * <pre>
 * mvn test -Dtest=FullCacheTest -Dbreakwater.cacheMiB=256
 * </pre>
 */
@Tag("slow")
class FullCacheTest {
  private static final long CACHE = Long.getLong("breakwater.cacheMiB", 16) << 20;
  private static final int IMAGES = 120;
  private static final int TURNS = 20;
  private static final int CLIENTS = 4;

  @TempDir Path data;
  private final List<TestImage> images = new ArrayList<>();
  private final Lru lru = new Lru();
  private volatile boolean over;

  @Test
  void theBoundHoldsNoPullFailsAndMoreIsHitThanByLru() throws Exception {
    try (FaultyRegistry upstream = FaultyRegistry.start()) {
      publish(upstream);
      try (RunningMirror mirror =
              RunningMirror.of(upstream, data)
                  .set("BREAKWATER_CACHE_MAX_SIZE", CACHE + "B")
                  .set("BREAKWATER_CACHE_MIN_FREE", "0%")
                  .set("BREAKWATER_CACHE_EVICTION_GRACE", "0s")
                  .set("BREAKWATER_CACHE_PREFETCH", "false")
                  .start();
          ExecutorService threads = Executors.newFixedThreadPool(CLIENTS + 1)) {
        Future<Long> most = threads.submit(this::mostBytes);
        List<Future<long[]>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          int seed = i;
          clients.add(threads.submit(() -> pull(mirror, new Random(seed))));
        }
        long asked = 0;
        long lruHits = 0;
        for (Future<long[]> client : clients) {
          asked += client.get()[0];
          lruHits += client.get()[1];
        }
        mirror.awaitNoDownloads();
        over = true;
        long missed = mirror.metric("requests_total", "kind=\"blob\"", "result=\"miss\"");
        long hits = asked - missed;
        System.out.printf(
            "%d blobs of %d MiB in all through %d MiB: %d hit, LRU by itself %d; at most %d bytes"
                + " of %d; %d passed through uncached%n",
            asked,
            (TURNS * CACHE) >> 20,
            CACHE >> 20,
            hits,
            lruHits,
            most.get(),
            CACHE,
            mirror.metric("downloads_uncached_total"));
        assertThat(most.get()).isBetween(CACHE / 2, CACHE);
        assertThat(hits).isGreaterThanOrEqualTo(lruHits);
        assertThat(mirror.metric("evicted_total", "reason=\"size\"")).isPositive();
        assertThat(mirror.metric("cache_bytes")).isLessThanOrEqualTo(CACHE);
      }
    }
  }

  /** Three layers, the lowest of which ten images share; five times as much as fits. */
  private void publish(FaultyRegistry upstream) {
    long layer = CACHE * 5 / IMAGES / 2;
    for (int i = 0; i < IMAGES; i++) {
      TestImage base = TestImage.oci().seed(1000 + i / 10).layer(layer).build();
      TestImage image =
          TestImage.oci()
              .seed(i)
              .layer(base.layer(0))
              .layer(layer * 3 / 2)
              .layer(layer / 4 + i)
              .build();
      images.add(image);
      upstream.put("library/image" + i, "latest", image);
    }
  }

  /** How many blobs this client asked for, and how many of them an LRU cache would have had. */
  private long[] pull(RunningMirror mirror, Random random) {
    long asked = 0;
    long hits = 0;
    long bytes = 0;
    try (PullClient client = new PullClient(mirror.uri())) {
      while (bytes < TURNS * CACHE / CLIENTS) {
        int number = zipf(random);
        TestImage image = images.get(number);
        String repository = "library/image" + number;
        assertThat(client.manifest(repository, "latest").verdict(image.manifest()))
            .isEqualTo(Reply.Verdict.RIGHT);
        for (Content blob : image.blobs().values()) {
          hits += lru.get(blob) ? 1 : 0;
          Reply reply = client.blob(repository, blob.digest());
          assertThat(reply.verdict(blob)).as("%s", reply).isEqualTo(Reply.Verdict.RIGHT);
          asked++;
          bytes += blob.size();
        }
      }
    }
    return new long[] {asked, hits};
  }

  private static int zipf(Random random) {
    double left = random.nextDouble() * 5.4;
    int rank = 1;
    while (rank < IMAGES && (left -= 1.0 / rank) > 0) {
      rank++;
    }
    return rank - 1;
  }

  private long mostBytes() throws IOException {
    long most = 0;
    while (!over) {
      long[] sum = {0};
      // A download that becomes a blob meanwhile is met in two places.
      Set<Object> met = new HashSet<>();
      Files.walkFileTree(
          data,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (met.add(attributes.fileKey())) {
                sum[0] += (attributes.size() + 4095) / 4096 * 4096;
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              return FileVisitResult.CONTINUE;
            }
          });
      most = Math.max(most, sum[0]);
    }
    return most;
  }

  private static final class Lru {
    private final LinkedHashMap<Digest, Long> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    synchronized boolean get(Content blob) {
      if (kept.get(blob.digest()) != null) {
        return true;
      }
      kept.put(blob.digest(), blob.size());
      bytes += blob.size();
      for (Iterator<Map.Entry<Digest, Long>> all = kept.entrySet().iterator(); bytes > CACHE; ) {
        bytes -= all.next().getValue();
        all.remove();
      }
      return false;
    }
  }
}
