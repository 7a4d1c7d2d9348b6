package dev.breakwater.bench;

import dev.breakwater.e2e.Dockerd;
import dev.breakwater.e2e.Workspace;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What does the first pull through Breakwater cost, or save, against a pull straight from upstream?
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=ColdPullBench
 * }</pre>
 *
 * <p>Rounds alternate between direct and mirror ({@code -Dbench.rounds=5} for more of them); every
 * ratio is mirror to direct, of the medians. Needs root and Debian's dockerd for the image.
 */
public final class ColdPullBench {
  private static final long BLOB = 100_000_000;

  /** More than a pull leaves in the page caches of mirror and engine. */
  private static final long PULLED = 500_000_000;

  private static final int BIG_WARM_UPS = 3;
  private static final int SMALL_WARM_UPS = 300;
  private static final int SMALL_BLOBS = 100;
  private static final String SLOW_BLOB = "library/slow-blob";
  private static final String SLOW_IMAGE = "library/slow-image";
  private static final String FAST_BLOBS = "library/fast-blobs";
  private static final String SMALL = "library/small-blobs";

  private final int rounds;
  private final Workspace workspace;
  private final LimitedUpstream upstream;
  private final Path memory;
  private final Download download = new Download(BLOB + (1 << 16));
  private final Map<String, Double> profile = new TreeMap<>();
  private final Table table =
      new Table("cold pull", "direct", "through mirror", "ratio", "wanted", "CPU s of mirror");

  private ColdPullBench(int rounds, Workspace workspace, LimitedUpstream upstream) {
    this.rounds = rounds;
    this.workspace = workspace;
    this.upstream = upstream;
    this.memory = workspace.store("memory");
  }

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws IOException {
    int rounds = Integer.parseInt(arguments[0]);
    System.out.println(Machine.description());
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "ColdPullBench"));
        LimitedUpstream upstream =
            LimitedUpstream.start(
                workspace,
                SLOW_BLOB + ":1:" + BLOB,
                SLOW_IMAGE + ":1:" + repeated(BLOB / 5, 5),
                FAST_BLOBS + ":1:" + repeated(BLOB, BIG_WARM_UPS + rounds),
                SMALL + ":1:" + repeated(200_000, SMALL_WARM_UPS + SMALL_BLOBS))) {
      ColdPullBench bench = new ColdPullBench(rounds, workspace, upstream);
      bench.slowBlob();
      bench.slowImage();
      bench.fastUpstream();
      System.out.printf(
          "%d rounds, median (min … max); slow: upstream gives a connection %d MB/s; load %s%n",
          rounds, LimitedUpstream.RATE / 1_000_000, Machine.load());
      bench.table.print(System.out);
      bench.printProfile();
    }
  }

  private static String repeated(long size, int count) {
    return String.join(",", Collections.nCopies(count, Long.toString(size)));
  }

  /** One blob, an empty cache in each round. */
  private void slowBlob() throws IOException {
    Blob blob = upstream.layers(SLOW_BLOB).getFirst();
    Series direct = new Series();
    Series mirrored = new Series();
    Series processor = new Series();
    for (int round = 0; round < rounds; round++) {
      direct.add(download.of(blob, upstream.uri()).total());
      try (Mirror mirror = Mirror.warm(workspace, upstream)) {
        touchMemory();
        double before = Machine.processorSeconds(mirror.pid());
        mirrored.add(download.of(blob, mirror.uri()).total());
        processor.add(Machine.processorSeconds(mirror.pid()) - before);
      }
    }
    report("100 MB blob, slow, s", direct, mirrored, "≤ 0.35", processor);
  }

  /**
   * An image with five layers by a real engine, whose own work is in the time of both sides: the
   * pull from the warm cache is the least that a cold one could take.
   */
  private void slowImage() throws IOException {
    Series direct = new Series();
    Series mirrored = new Series();
    Series warm = new Series();
    Series processor = new Series();
    for (int round = 0; round < rounds; round++) {
      touchMemory();
      direct.add(pull(upstream.uri()));
      try (Mirror mirror = Mirror.warm(workspace, upstream)) {
        touchMemory();
        double before = Machine.processorSeconds(mirror.pid());
        Map<String, Double> threads = Machine.processorSecondsByThread(mirror.pid());
        mirrored.add(pull(mirror.uri()));
        processor.add(Machine.processorSeconds(mirror.pid()) - before);
        Machine.processorSecondsByThread(mirror.pid())
            .forEach(
                (thread, now) -> profile.merge(thread, now - used(threads, thread), Double::sum));
        touchMemory();
        warm.add(pull(mirror.uri()));
      }
    }
    report("image of 5 x 20 MB by dockerd, slow, s", direct, mirrored, "≤ 0.6", processor);
    table.row("the same from a warm cache", "", warm, warm.median() / direct.median(), "", "");
  }

  private static double used(Map<String, Double> threads, String thread) {
    return threads.getOrDefault(thread, 0.0);
  }

  private void printProfile() {
    System.out.print("threads of the mirror in a cold pull of the image, CPU s:");
    profile.forEach(
        (thread, seconds) -> {
          if (seconds >= rounds / 100.0) {
            System.out.printf(" %s %.2f", thread, seconds / rounds);
          }
        });
    System.out.println();
  }

  /** Seconds that a new engine takes for the image; it verifies every layer itself. */
  private double pull(URI mirror) {
    try (Dockerd dockerd = new Dockerd(workspace, mirror)) {
      long start = System.nanoTime();
      dockerd.pull("docker.io/" + SLOW_IMAGE + ":1");
      return (System.nanoTime() - start) / 1e9;
    }
  }

  /** Blobs from an upstream as fast as this machine, each absent once; one mirror for all. */
  private void fastUpstream() throws IOException {
    try (Mirror mirror = Mirror.warm(workspace, upstream)) {
      firstBytes(mirror);
      List<Blob> blobs = upstream.layers(FAST_BLOBS);
      for (Blob blob : blobs.subList(0, BIG_WARM_UPS)) {
        download.of(blob, upstream.uri());
        download.of(blob, mirror.uri());
      }
      Series direct = new Series();
      Series mirrored = new Series();
      Series processor = new Series();
      for (Blob blob : blobs.subList(BIG_WARM_UPS, blobs.size())) {
        direct.add(download.of(blob, upstream.uri()).total());
        touchMemory();
        double before = Machine.processorSeconds(mirror.pid());
        mirrored.add(download.of(blob, mirror.uri()).total());
        processor.add(Machine.processorSeconds(mirror.pid()) - before);
      }
      report("100 MB blob, loopback speed, s", direct, mirrored, "≤ 1.15", processor);
    }
  }

  private void firstBytes(Mirror mirror) throws IOException {
    List<Blob> blobs = upstream.layers(SMALL);
    for (Blob blob : blobs.subList(0, SMALL_WARM_UPS)) {
      download.of(blob, upstream.uri());
      download.of(blob, mirror.uri());
    }
    Series direct = new Series();
    Series mirrored = new Series();
    for (Blob blob : blobs.subList(SMALL_WARM_UPS, blobs.size())) {
      direct.add(download.of(blob, upstream.uri()).firstByte() * 1e3);
      mirrored.add(download.of(blob, mirror.uri()).firstByte() * 1e3);
    }
    String later = "+" + Series.text(mirrored.median() - direct.median()) + " ms";
    table.row("first byte of " + SMALL_BLOBS + " blobs, ms", direct, mirrored, later, "≤ 5 ms", "");
  }

  private void touchMemory() {
    Machine.touchMemory(memory, PULLED);
  }

  private void report(
      String question, Series direct, Series mirrored, String wanted, Series processor) {
    double ratio = mirrored.median() / direct.median();
    table.row(question, direct, mirrored, ratio, wanted, processor.median());
  }
}
