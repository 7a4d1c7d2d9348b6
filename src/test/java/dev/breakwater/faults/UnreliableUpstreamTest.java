package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.PassingFaults;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import dev.breakwater.upstream.TimeLimits;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One upstream of which any request may fail for a moment, and clients that repeat only what
 * dockerd repeats: none of them may notice.
 *
 * <pre>
 * mvn test -Dtest=UnreliableUpstreamTest -Dbreakwater.unreliablePulls=1000 -Dbreakwater.seed=1
 * mvn test -Dtest=UnreliableUpstreamTest -Dbreakwater.evictingPulls=100000
 * </pre>
 */
@Tag("slow")
class UnreliableUpstreamTest {
  private static final int PULLS = Integer.getInteger("breakwater.unreliablePulls", 400);
  private static final int EVICTING_PULLS = Integer.getInteger("breakwater.evictingPulls", 1500);
  private static final long CACHE = 16 << 20;
  private static final int IMAGES = 400;
  private static final long SEED = Long.getLong("breakwater.seed", System.nanoTime());
  private static final int CLIENTS = 12;
  private static final int READERS = 5;
  private static final double MOST_BYTES = 1.02;

  @TempDir Path data;
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final Map<Digest, Content> blobs = new HashMap<>();

  @Test
  void everyPullSucceedsAlthoughAQuarterOfAllRequestsFail() throws Exception {
    PassingFaults faults = new PassingFaults(SEED, 0.25, 2, true);
    try (FaultyRegistry upstream = FaultyRegistry.builder().bearer().redirectBlobs().start();
        RunningMirror mirror = RunningMirror.of(upstream, data).limits(TimeLimits.DEFAULT).start();
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      upstream.on(RequestMatcher.any()).then(faults);
      long begun = System.nanoTime();
      pullAll(upstream, mirror, http);
      mirror.awaitNoDownloads();
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
      long sent = blobs.keySet().stream().mapToLong(upstream::bytesSent).sum();
      long unique = blobs.values().stream().mapToLong(Content::size).sum();
      System.out.printf(
          "UnreliableUpstreamTest: %d pulls in %d s, seed %d: %d failed; %d of %d upstream requests"
              + " were spoiled; %.4f of the bytes needed were sent; %s%n",
          PULLS,
          seconds,
          SEED,
          failures.size(),
          faults.count(),
          upstream.requests().size(),
          (double) sent / unique,
          faults.drawn());
      assertThat(failures).as("seed %d", SEED).isEmpty();
      assertThat((double) sent / unique).as("seed %d", SEED).isLessThanOrEqualTo(MOST_BYTES);
    }
  }

  /** The cache holds a fifth of what is asked for, so that something is evicted all the time. */
  @Test
  void everyPullSucceedsWhileTheCacheEvictsAndOneInAHundredRequestsFails() throws Exception {
    PassingFaults faults = new PassingFaults(SEED, 0.01, 2, true);
    try (FaultyRegistry upstream = FaultyRegistry.builder().bearer().redirectBlobs().start();
        RunningMirror mirror =
            RunningMirror.of(upstream, data)
                .limits(TimeLimits.DEFAULT)
                .set("BREAKWATER_CACHE_MAX_SIZE", CACHE + "B")
                .set("BREAKWATER_CACHE_MIN_FREE", "0%")
                .set("BREAKWATER_CACHE_EVICTION_GRACE", "0s")
                .set("BREAKWATER_CACHE_TAG_TTL", "1s")
                .start();
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      List<TestImage> images = new ArrayList<>();
      for (int i = 0; i < IMAGES; i++) {
        TestImage image = TestImage.oci().seed(i).layer(CACHE * 5 / IMAGES).layer(1000).build();
        upstream.put("library/image-" + i, "1", image);
        images.add(image);
      }
      upstream.on(RequestMatcher.any()).then(faults);
      long begun = System.nanoTime();
      LongAdder pulls = new LongAdder();
      try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          Random random = new Random(SEED + i);
          all.add(
              clients.submit(
                  () -> {
                    while (pulls.sum() < EVICTING_PULLS) {
                      pulls.increment();
                      int number = random.nextInt(IMAGES);
                      pull(mirror, http, "library/image-" + number, images.get(number), 0);
                    }
                  }));
        }
        for (Future<?> client : all) {
          client.get(1, TimeUnit.HOURS);
        }
      }
      System.out.printf(
          "UnreliableUpstreamTest: %d pulls through a full cache in %d s, seed %d: %d failed; %d of"
              + " %d upstream requests were spoiled; %d blobs evicted%n",
          pulls.sum(),
          TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun),
          SEED,
          failures.size(),
          faults.count(),
          upstream.requests().size(),
          mirror.metric("evicted_total", "reason=\"size\""));
      assertThat(failures).as("seed %d", SEED).isEmpty();
      assertThat(mirror.metric("evicted_total", "reason=\"size\"")).isPositive();
    }
  }

  private void pullAll(FaultyRegistry upstream, RunningMirror mirror, HttpClient http)
      throws Exception {
    Random random = new Random(SEED);
    List<Future<?>> pulls = new ArrayList<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      int number = 0;
      while (pulls.size() < PULLS) {
        TestImage image = image(random, number);
        String repository = "library/image-" + number++;
        upstream.put(repository, "1", image);
        collect(image);
        int readers = Math.min(PULLS - pulls.size(), number % 4 == 0 ? READERS : 1);
        int how = random.nextInt(3);
        for (int i = 0; i < readers; i++) {
          int way = readers > 1 ? how + i : how;
          pulls.add(clients.submit(() -> pull(mirror, http, repository, image, way % 3)));
        }
      }
      for (Future<?> pull : pulls) {
        pull.get(20, TimeUnit.MINUTES);
      }
    }
  }

  private void pull(
      RunningMirror mirror, HttpClient http, String repository, TestImage image, int way) {
    DockerdPull pull = new DockerdPull(http, mirror.uri(), repository);
    try {
      switch (way) {
        case 0 -> pull.whole("1", image);
        case 1 -> pull.byRanges("1", image);
        default -> pull.leftAndResumed("1", image);
      }
    } catch (AssertionError e) {
      failures.add(repository + " (way " + way + "): " + e.getMessage());
    }
  }

  /** One layer that is streamed while it comes, one that is proven first; often in an index. */
  private static TestImage image(Random random, int number) {
    TestImage image =
        TestImage.oci()
            .seed(number)
            .layer(1_100_000 + random.nextInt(2_000_000))
            .layer(1 + random.nextInt(200_000))
            .build();
    return random.nextBoolean() ? image : TestImage.ociIndex(image);
  }

  private void collect(TestImage image) {
    blobs.putAll(image.blobs());
    image.children().forEach(this::collect);
  }
}
