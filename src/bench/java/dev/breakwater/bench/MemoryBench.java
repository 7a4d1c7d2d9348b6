package dev.breakwater.bench;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Workspace;
import java.io.IOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * How much memory does a mirror hold while many clients read a layer of 6 GiB that it has not got,
 * on a machine that has other work too, and what holds it?
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=MemoryBench -Dbench.rounds=1
 * }</pre>
 *
 * <p>Each round pulls a layer of its own, once absent and once cached; the cache has room for one
 * and a half, so that from the second round on layers are deleted as well. Two threads of this
 * program compute all the time. Needs 20 GB of disk.
 */
public final class MemoryBench {
  private static final long GIB = 1L << 30;
  private static final long SIZE = 6 * GIB;
  private static final long ROOM = 9 * GIB;
  private static final int FAST = 8;
  private static final int MEDIUM = 8;
  private static final int SLOW = 16;
  private static final long MEDIUM_RATE = 20_000_000;
  private static final long SLOW_RATE = 500_000;
  private static final int SAMPLE_MILLIS = 250;
  private static final int SAMPLES_PER_LINE = 20;
  private static final int REST_SECONDS = 60;

  private final MemoryReport memory;
  private final URI mirror;
  private final long begun = System.nanoTime();
  private final Series resident = new Series();
  private final Map<String, Long> largest = new TreeMap<>();
  private long maximum;
  private int samples;

  private MemoryBench(BreakwaterProcess process) {
    this.memory = new MemoryReport(process.pid());
    this.mirror = process.uri();
  }

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    System.out.println(Machine.description());
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "MemoryBench"));
        SparseRegistry upstream = SparseRegistry.start(workspace, rounds, SIZE);
        BreakwaterProcess process =
            BreakwaterProcess.start(workspace, upstream.uri(), settings())) {
      new MemoryBench(process).run(upstream.layers());
    }
  }

  private static Map<String, String> settings() {
    String more = System.getenv().getOrDefault("BREAKWATER_OPTS", "");
    return Map.of(
        "BREAKWATER_CACHE_MAX_SIZE", ROOM + "B",
        "BREAKWATER_CACHE_EVICTION_GRACE", "0s",
        "BREAKWATER_OPTS", "-XX:NativeMemoryTracking=summary " + more);
  }

  private void run(List<Blob> layers) throws Exception {
    System.out.printf(
        "%d clients as fast as they can, %d at %d MB/s, %d at %.1f MB/s; a layer of %d GiB%n%n",
        FAST, MEDIUM, MEDIUM_RATE / 1_000_000, SLOW, SLOW_RATE / 1e6, SIZE / GIB);
    line("started");
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      try (OtherWork _ = new OtherWork(threads, Runtime.getRuntime().availableProcessors())) {
        for (int round = 0; round < layers.size(); round++) {
          manifest(round);
          pull(threads, layers.get(round), "absent");
          pull(threads, layers.get(round), "cached");
        }
      }
      for (int second = 0; second < REST_SECONDS; second++) {
        Thread.sleep(1000);
        sample("at rest");
      }
    }
    report();
  }

  private void manifest(int layer) throws IOException {
    URLConnection connection = SparseRegistry.manifest(mirror, layer).toURL().openConnection();
    connection.setRequestProperty("Accept", Connection.ACCEPT);
    connection.getInputStream().readAllBytes();
  }

  /** All of them until the fast ones are through. */
  private void pull(ExecutorService threads, Blob blob, String what) throws Exception {
    long start = System.nanoTime();
    List<PacedReader> paced = new ArrayList<>();
    List<Future<?>> ends = new ArrayList<>();
    for (int i = 0; i < MEDIUM + SLOW; i++) {
      PacedReader reader = new PacedReader(mirror, blob, i < MEDIUM ? MEDIUM_RATE : SLOW_RATE);
      paced.add(reader);
      ends.add(threads.submit(() -> run(reader)));
    }
    List<Future<?>> fast = new ArrayList<>();
    for (int i = 0; i < FAST; i++) {
      fast.add(threads.submit(() -> run(new PacedReader(mirror, blob, 0))));
    }
    while (!fast.stream().allMatch(Future::isDone)) {
      Thread.sleep(SAMPLE_MILLIS);
      sample(what);
    }
    paced.forEach(PacedReader::stop);
    for (Future<?> end : fast) {
      end.get();
    }
    for (Future<?> end : ends) {
      await(end);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    line(what + ", over");
    System.out.printf(
        Locale.ROOT, "         %s: %d clients got it within %.0f s%n", what, FAST, seconds);
  }

  private static void await(Future<?> end) throws Exception {
    try {
      end.get(1, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw new IOException("a slow client was cut off", e);
    }
  }

  private static Void run(PacedReader reader) throws IOException {
    reader.run();
    return null;
  }

  private void sample(String what) {
    long now = memory.status("VmRSS");
    resident.add(now / 1048576.0);
    if (now > maximum) {
      maximum = now;
    }
    samples++;
    if (samples % SAMPLES_PER_LINE == 0) {
      line(what);
      memory.committed().forEach((kind, bytes) -> largest.merge(kind, bytes, Math::max));
    }
  }

  private void line(String what) {
    System.out.printf(
        Locale.ROOT,
        "%6.1f s  RSS %s (anonymous %s, files %s), heap in use %s, %d descriptors: %s%n",
        (System.nanoTime() - begun) / 1e9,
        MemoryReport.mebibytes(memory.status("VmRSS")),
        MemoryReport.mebibytes(memory.status("RssAnon")),
        MemoryReport.mebibytes(memory.status("RssFile")),
        MemoryReport.mebibytes(memory.heapUsed()),
        memory.descriptors(),
        what);
  }

  private void report() {
    System.out.printf(
        "%nRSS in MiB: median (min … max) %s; the kernel's maximum %s%n%n",
        resident, MemoryReport.mebibytes(memory.status("VmHWM")));
    Table jvm = new Table("committed by the JVM", "at rest", "largest");
    long sum = 0;
    for (Map.Entry<String, Long> kind : memory.committed().entrySet()) {
      sum += kind.getValue();
      jvm.row(
          kind.getKey(),
          MemoryReport.mebibytes(kind.getValue()),
          MemoryReport.mebibytes(largest.getOrDefault(kind.getKey(), 0L)));
    }
    jvm.row("all", MemoryReport.mebibytes(sum), "");
    jvm.print(System.out);
    Table pages = new Table("resident at rest", "");
    memory.resident().forEach((kind, bytes) -> pages.row(kind, MemoryReport.mebibytes(bytes)));
    pages.print(System.out);
  }

  /** Keeps processors busy, as other programs would. */
  private static final class OtherWork implements AutoCloseable {
    private volatile boolean over;

    OtherWork(ExecutorService threads, int processors) {
      for (int i = 0; i < processors; i++) {
        threads.execute(this::spin);
      }
    }

    private void spin() {
      while (!over) {
        Thread.onSpinWait();
      }
    }

    @Override
    public void close() {
      over = true;
    }
  }
}
