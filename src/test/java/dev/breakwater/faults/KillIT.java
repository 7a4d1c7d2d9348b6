package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.gc.FsckFinding;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code kill -9}, again and again, at random moments and at named points of the code, while
 * clients pull. No client ever gets a complete body with wrong bytes; every blob that had its place
 * in the store before a kill is there and sound after it, unless the cache is too small for all of
 * them; nothing that a restart does not clear up is left; and what the mirror says it uses is what
 * is on the disk.
 *
 * <pre>
 * mvn verify -Dit.test=KillIT -Dbreakwater.kills=500 -Dbreakwater.seed=1
 * </pre>
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class KillIT extends ServerFaults {
  private static final int KILLS = Integer.getInteger("breakwater.kills", 15);
  private static final long SEED = Long.getLong("breakwater.seed", System.nanoTime());
  private static final int CLIENTS = 4;
  private static final int IMAGES = 12;
  private static final int LARGEST = 600_000;

  /** New ones before each kill, so that there is something to fetch, write and commit. */
  private static final int NEW_IMAGES = 4;

  private static final long POINT_MILLIS = 15_000;

  /** How many images a full check pulls. */
  private static final int LATEST = 30;

  /** A full check of the directory, with an orderly end before it, after so many kills. */
  private static final int CHECK_EVERY = 5;

  /** Places at which a process can be told to die; see {@code CrashPoint}. */
  private static final List<String> POINTS =
      List.of(
          "part.afterWrite",
          "state.beforeRename",
          "commit.afterTruncate",
          "commit.afterSync",
          "commit.afterRename",
          "commit.afterDirectorySync",
          "commit.afterStateDelete",
          "publish.beforeIndex",
          "publish.afterIndex",
          "reconcile.afterFiles",
          "scrub.beforeRename");

  private static final List<String> DELETION_POINTS =
      List.of(
          "evict.afterForget", "evict.afterDelete", "commit.afterRename", "publish.beforeIndex");

  private static final List<String> SWEEP_POINTS =
      List.of(
          "evict.afterForget", "evict.afterDelete", "sweep.beforeEntries", "sweep.afterEntries");

  private final Random random = new Random(SEED);
  private final Map<String, TestImage> images = new ConcurrentHashMap<>();
  private final List<String> tags = new CopyOnWriteArrayList<>();
  private final AtomicLong right = new AtomicLong();
  private final List<String> wrong = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> deaths = new TreeMap<>();
  private List<String> points = POINTS;
  private String armed = "";
  private volatile boolean pulling;

  @Test
  void nothingWrongIsServedAndNothingIsLost() throws Exception {
    start(Map.of());
    kill(KILLS - 2 * (KILLS / 3));
  }

  /** Room for a good half of what is pulled, so that something is being deleted all the time. */
  @Test
  void nothingWrongIsServedWhileTheColdestIsDeleted() throws Exception {
    points = DELETION_POINTS;
    start(Map.of("BREAKWATER_CACHE_MAX_SIZE", "16MiB", "BREAKWATER_CACHE_EVICTION_GRACE", "0s"));
    kill(KILLS / 3);
  }

  /** Images are of no use a second after they were pulled, and the sweeper hardly ever rests. */
  @Test
  void nothingWrongIsServedWhileWhatIsUnusedIsSwept() throws Exception {
    points = SWEEP_POINTS;
    start(
        Map.of(
            "BREAKWATER_CACHE_MAX_IDLE", "1s",
            "BREAKWATER_GC_INTERVAL", "100ms",
            "BREAKWATER_GC_GRACE", "0s"));
    kill(KILLS / 3);
  }

  private void kill(int kills) throws Exception {
    for (int kill = 1; kill <= kills; kill++) {
      String label = "seed " + SEED + ", kill " + kill;
      while (tags.size() < IMAGES + NEW_IMAGES * kill) {
        addImage();
      }
      Set<Digest> kept = pullUntilItDies();
      assertThat(wrong).as("%s: complete bodies with wrong bytes", label).isEmpty();
      assertNoneLost(label, kept);
      if (kill % CHECK_EVERY == 0 || kill == kills) {
        restart("");
        assertEverythingIsInOrder(label);
      }
      armed = random.nextBoolean() ? point() : "";
      restart(armed);
    }
    System.out.printf(
        "%d kills (%s), %d right bodies, none wrong, nothing lost%s, seed %d%n",
        kills, deaths, right.get(), deletes() ? " but what was to be deleted" : "", SEED);
  }

  private void addImage() {
    int number = tags.size();
    var builder = TestImage.oci().seed(SEED + number);
    for (int i = 0; i < 4; i++) {
      builder.layer(1000 + random.nextInt(LARGEST));
    }
    TestImage image = builder.build();
    String tag = "kill" + number;
    images.put(tag, image);
    upstream.put(NGINX, tag, image);
    tags.add(tag);
  }

  private boolean deletes() {
    return !points.equals(POINTS);
  }

  private String point() {
    return points.get(random.nextInt(points.size())) + ":" + (1 + random.nextInt(3));
  }

  private void restart(String failAt) {
    mirror.stop();
    Map<String, String> options = new HashMap<>();
    options.put("BREAKWATER_OPTS", failAt.isEmpty() ? "" : "-Dbreakwater.failAt=" + failAt);
    options.put("BREAKWATER_SCRUB_RATE", "100MiB/s");
    client.close();
    try {
      mirror.start(options);
    } catch (AssertionError diedAtStart) {
      assertThat(failAt).as("only who is told to dies at its start").isNotEmpty();
      deaths.merge(failAt.replaceFirst(":.*", ""), 1, Integer::sum);
      mirror.start(Map.of("BREAKWATER_OPTS", ""));
    }
    client = new PullClient(mirror.uri());
  }

  /** What had its place in the store just before the end. */
  private Set<Digest> pullUntilItDies() throws Exception {
    pulling = true;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> pullers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        long seed = random.nextLong();
        pullers.add(threads.submit(() -> pull(new Random(seed))));
      }
      // A process that is told where to die gets the time to come there.
      boolean diedByItself =
          mirror.endsWithin(armed.isEmpty() ? 300 + random.nextInt(2500) : POINT_MILLIS);
      Set<Digest> kept = stored();
      deaths.merge(diedByItself ? armed.replaceFirst(":.*", "") : "random", 1, Integer::sum);
      mirror.kill();
      pulling = false;
      for (Future<?> puller : pullers) {
        puller.get(2, TimeUnit.MINUTES);
      }
      return kept;
    } finally {
      pulling = false;
    }
  }

  private void pull(Random choice) {
    while (pulling) {
      String tag = tags.get(choice.nextInt(tags.size()));
      TestImage image = images.get(tag);
      check(client.manifest(NGINX, tag), image.manifest());
      for (Content blob : image.blobs().values()) {
        check(fetch(blob), blob);
      }
    }
  }

  private void check(Reply reply, Content truth) {
    switch (reply.verdict(truth)) {
      case RIGHT -> right.incrementAndGet();
      case WRONG -> wrong.add(truth.digest() + ": " + reply);
      default -> {
        // The process died; or upstream's answer came to nothing. Not a lie in any case.
      }
    }
  }

  private Set<Digest> stored() throws IOException {
    Set<Digest> digests = new TreeSet<>();
    for (Path file : files("blobs")) {
      digests.add(Digest.parse("sha256:" + file.getFileName()));
    }
    return digests;
  }

  private void assertNoneLost(String label, Set<Digest> kept) throws Exception {
    List<FsckFinding> findings = fsck();
    if (!deletes()) {
      assertThat(stored()).as("%s: every committed blob", label).containsAll(kept);
    }
    assertThat(findings)
        .as("%s: what a kill may leave", label)
        .allMatch(
            finding ->
                finding.kind() == FsckFinding.Kind.NO_ENTRY
                    || finding.kind() == FsckFinding.Kind.STRAY_DOWNLOAD);
  }

  private void assertEverythingIsInOrder(String label) throws Exception {
    await(label + ": compared", () -> mirror.metric("breakwater_reconcile_done") == 1);
    for (String tag : tags.subList(Math.max(0, tags.size() - LATEST), tags.size())) {
      TestImage image = images.get(tag);
      check(client.manifest(NGINX, tag), image.manifest());
      for (Content blob : image.blobs().values()) {
        Reply reply = fetch(blob);
        assertThat(reply.verdict(blob)).as("%s: %s", label, reply).isEqualTo(Reply.Verdict.RIGHT);
      }
    }
    mirror.awaitNoDownloads();
    await(
        label + ": accounted for",
        () ->
            mirror.metric("breakwater_cache_content_bytes")
                == blocks("blobs") + blocks("downloads"));
    assertThat(mirror.metric("breakwater_cache_bytes"))
        .as("%s: the bound", label)
        .isLessThanOrEqualTo(mirror.metric("breakwater_cache_limit_bytes"));
    mirror.stop();
    assertThat(fsck()).as("%s: fsck after an orderly end", label).isEmpty();
  }

  /** As {@code du} counts, of a file system with blocks of 4 KiB. */
  private long blocks(String directory) {
    long total = 0;
    try {
      for (Path file : files(directory)) {
        total += (Files.size(file) + 4095) / 4096 * 4096;
      }
    } catch (IOException e) {
      return -1;
    }
    return total;
  }

  private List<Path> files(String directory) throws IOException {
    try (Stream<Path> all = Files.walk(data.resolve(directory))) {
      return all.filter(Files::isRegularFile).toList();
    } catch (java.io.UncheckedIOException | NoSuchFileException vanished) {
      return List.of();
    }
  }
}
