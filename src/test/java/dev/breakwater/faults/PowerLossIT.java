package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.e2e.Command;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The power fails while clients pull. The data directory is on a file system whose medium is a file
 * behind a loop device; a copy of that file, made when the process has been killed, lacks whatever
 * the kernel had not been made to write through, as a disk does that has lost power. The row "power
 * loss" of the failure list.
 *
 * <pre>
 * mvn -Ppeers verify -Dit.test=PowerLossIT -Dbreakwater.powerLosses=100 -Dbreakwater.seed=1
 * </pre>
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
@Tag("peers")
class PowerLossIT extends ServerFaults {
  private static final int LOSSES = Integer.getInteger("breakwater.powerLosses", 4);
  private static final long SEED = Long.getLong("breakwater.seed", System.nanoTime());
  private static final int CLIENTS = 4;
  private static final int SIZE = 300_000;
  private static final String MEDIUM_BYTES = "256M";

  private final Random random = new Random(SEED);
  private final List<TestImage> images = new CopyOnWriteArrayList<>();
  private final List<String> wrong = new CopyOnWriteArrayList<>();
  private volatile boolean pulling;

  @Test
  void whatWasKeptIsThereAndWhatIsThereIsRight() throws Exception {
    Path media = workspace.store("media");
    Command.of("mount", "-t", "tmpfs", "tmpfs", media).run();
    Path medium = media.resolve("medium0");
    Command.of("truncate", "-s", MEDIUM_BYTES, medium).run();
    Command.of("mkfs.ext4", "-q", medium).run();
    insert(medium);
    start(Map.of());
    int looked = 0;
    int whole = 0;
    for (int loss = 1; loss <= LOSSES; loss++) {
      String label = "seed " + SEED + ", loss " + loss;
      TestImage kept = cached(3, SIZE);
      images.add(kept);
      mirror.awaitNoDownloads();
      pullUntilThePowerFails(label);

      // Now that nothing is synced any more, which would include this.
      Files.writeString(unsynced(), "never seen again");
      Path left = media.resolve("medium" + loss);
      Command.of("cp", "--sparse=always", medium, left).run();
      Command.of("umount", data.getParent()).run();
      Files.delete(medium);
      insert(left);
      medium = left;

      assertThat(Files.exists(unsynced())).as("%s: something is lost at all", label).isFalse();
      assertThat(areKept(kept)).as("%s: what was kept before", label).isTrue();
      assertThat(wrong).as("%s: complete bodies with wrong bytes", label).isEmpty();
      mirror.start();
      reconnect();
      for (TestImage image : images) {
        looked++;
        whole += areKept(image) ? 1 : 0;
        assertRight(image);
      }
      await("compared", () -> mirror.metric("breakwater_reconcile_done") == 1);
      mirror.awaitNoDownloads();
    }
    mirror.stop();
    assertThat(fsck()).as("seed %s: fsck after an orderly end", SEED).isEmpty();
    System.out.printf(
        "%d power losses, %d times of %d an image was whole afterwards, nothing wrong served, seed"
            + " %d%n",
        LOSSES, whole, looked, SEED);
  }

  /** Nothing reaches the medium of its own accord within the minutes that this takes. */
  private void insert(Path medium) {
    Command.of("mount", "-o", "loop,commit=300,noatime", medium, data.getParent()).run();
  }

  private Path unsynced() {
    return data.resolveSibling("unsynced");
  }

  private void reconnect() {
    client.close();
    client = new PullClient(mirror.uri());
  }

  private void pullUntilThePowerFails(String label) throws Exception {
    List<TestImage> absent = new ArrayList<>();
    for (int i = 0; i < 2 * CLIENTS; i++) {
      absent.add(image(3, SIZE));
    }
    pulling = true;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> pullers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        List<TestImage> mine = List.of(absent.get(2 * i), absent.get(2 * i + 1));
        pullers.add(threads.submit(() -> mine.forEach(this::pull)));
      }
      assertThat(mirror.endsWithin(random.nextInt(400))).as("%s: runs", label).isFalse();
      mirror.kill();
      pulling = false;
      for (Future<?> puller : pullers) {
        puller.get(2, TimeUnit.MINUTES);
      }
    } finally {
      pulling = false;
    }
    images.addAll(absent);
  }

  private void pull(TestImage image) {
    for (Content blob : image.blobs().values()) {
      if (pulling && fetch(blob).verdict(blob) == Reply.Verdict.WRONG) {
        wrong.add(blob.digest().toString());
      }
    }
  }
}
