package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.gc.Fsck;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sweeps one after another that take everything for garbage, and a cache that is too small besides,
 * against many clients that pull the same few images.
 *
 * <pre>
 * mvn test -Dtest=GcRaceTest -Dbreakwater.raceSeconds=1800
 * </pre>
 */
@Tag("slow")
class GcRaceTest {
  private static final Duration TIME =
      Duration.ofSeconds(Integer.getInteger("breakwater.raceSeconds", 5));
  private static final int CLIENTS = 8;
  private static final int RUNS = 10;

  @TempDir Path data;
  private final List<TestImage> images = new ArrayList<>();

  @Test
  void everyPullGetsItsBytesAndNothingIsLeftThatDoesNotFit() throws Exception {
    try (FaultyRegistry upstream = FaultyRegistry.start()) {
      TestImage base = TestImage.oci().seed(100).layer(200_000).build();
      for (int i = 0; i < 6; i++) {
        images.add(
            TestImage.oci().seed(i).layer(base.layer(0)).layer(100_000).layer(3_000).build());
        upstream.put("library/image" + i, "latest", images.get(i));
      }
      long pulls = 0;
      try (RunningMirror mirror =
              RunningMirror.of(upstream, data)
                  .set("BREAKWATER_CACHE_MAX_SIZE", "2MiB")
                  .set("BREAKWATER_CACHE_MIN_FREE", "0%")
                  .set("BREAKWATER_CACHE_EVICTION_GRACE", "0s")
                  .set("BREAKWATER_CACHE_MAX_IDLE", "1ms")
                  .set("BREAKWATER_GC_INTERVAL", "2ms")
                  .set("BREAKWATER_GC_GRACE", "0ms")
                  .start();
          ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
        List<Future<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          Random random = new Random(i);
          clients.add(threads.submit(() -> pull(mirror, random)));
        }
        for (Future<Integer> client : clients) {
          pulls += client.get();
        }
        assertThat(runs(mirror)).isGreaterThan(RUNS);
        assertThat(mirror.metric("gc_runs_total", "outcome=\"failed\"")).isZero();
        assertThat(mirror.metric("evicted_total", "reason=\"ttl\"")).isPositive();
      }
      assertThat(pulls).isPositive();
    }
    List<String> findings = new ArrayList<>();
    new Fsck(
            data,
            false,
            Clock.systemUTC(),
            (finding, repaired) -> findings.add(finding.line(repaired)))
        .check();
    assertThat(findings).isEmpty();
  }

  private static long runs(RunningMirror mirror) {
    return mirror.metric("gc_runs_total", "outcome=\"done\"");
  }

  private int pull(RunningMirror mirror, Random random) {
    int pulls = 0;
    long end = System.nanoTime() + TIME.toNanos();
    try (PullClient client = new PullClient(mirror.uri())) {
      while (System.nanoTime() < end || runs(mirror) <= RUNS) {
        int number = random.nextInt(images.size());
        TestImage image = images.get(number);
        String repository = "library/image" + number;
        Reply manifest = client.manifest(repository, "latest");
        assertThat(manifest.verdict(image.manifest()))
            .as("%s", manifest)
            .isEqualTo(Reply.Verdict.RIGHT);
        for (Content blob : image.blobs().values()) {
          Reply reply = client.blob(repository, blob.digest());
          assertThat(reply.verdict(blob)).as("%s", reply).isEqualTo(Reply.Verdict.RIGHT);
        }
        pulls++;
      }
    }
    return pulls;
  }
}
