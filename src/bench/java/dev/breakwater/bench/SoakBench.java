package dev.breakwater.bench;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.HostileClients;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.PassingFaults;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Do memory, descriptors and disk stay bounded, and do good clients get all their pulls, while an
 * upstream fails now and then, the cache evicts all the time and other clients are hostile?
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=SoakBench -Dbench.rounds=60
 * }</pre>
 *
 * <p>The rounds are minutes. Some clients ask for names that do not exist, each another one, from
 * many addresses: 0.5 million in an hour. Others read slowly, leave in the middle of an answer, ask
 * for random digests and filters and send heads of 30 KB: 5 % of all other requests.
 */
public final class SoakBench {
  private static final long CACHE = 64L << 20;
  private static final int IMAGES = 600;
  private static final int GOOD = 6;
  private static final int PULLS_PER_SECOND = 30;
  private static final int NAMES_PER_SECOND = 139;
  private static final int ADDRESSES = 100;
  private static final int ODD_PER_SECOND = 4;
  private static final int LEAVING_PER_SECOND = 1;
  private static final int SLOW = 200;
  private static final long SEED = Long.getLong("breakwater.seed", 20261126);
  private static final int SAMPLE_SECONDS = 10;

  private final BreakwaterProcess process;
  private final MemoryReport memory;
  private final URI mirror;
  private final List<TestImage> images = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final LongAdder pulls = new LongAdder();
  private final HostileClients hostile;
  private final HttpClient http;
  private volatile boolean over;

  private SoakBench(BreakwaterProcess process) {
    this.process = process;
    this.memory = new MemoryReport(process.pid());
    this.mirror = process.uri();
    this.hostile = new HostileClients(mirror, ADDRESSES, SEED);
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .localAddress(InetAddress.ofLiteral("127.0.0.2"))
            .build();
  }

  /** Runs it; the argument is the number of minutes. */
  public static void main(String[] arguments) throws Exception {
    int minutes = Integer.parseInt(arguments[0]);
    System.out.println(Machine.description());
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "SoakBench"));
        FaultyRegistry upstream = FaultyRegistry.builder().bearer().redirectBlobs().start();
        BreakwaterProcess process =
            BreakwaterProcess.start(
                workspace,
                URI.create(upstream.url()),
                Map.of(
                    "BREAKWATER_CACHE_MAX_SIZE",
                    CACHE + "B",
                    "BREAKWATER_CACHE_MIN_FREE",
                    "0%",
                    "BREAKWATER_CACHE_EVICTION_GRACE",
                    "0s",
                    "BREAKWATER_CACHE_TAG_TTL",
                    "5s",
                    "BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS",
                    URI.create(upstream.authUrl()).getAuthority()))) {
      SoakBench soak = new SoakBench(process);
      soak.publish(upstream);
      PassingFaults faults = new PassingFaults(SEED, 0.02, 2, true);
      upstream.on(RequestMatcher.any()).then(faults);
      soak.run(minutes);
      System.out.printf(
          "%d of %d upstream requests were spoiled%n", faults.count(), upstream.requests().size());
    }
  }

  private void publish(FaultyRegistry upstream) {
    for (int i = 0; i < IMAGES; i++) {
      TestImage image = TestImage.oci().seed(i).layer(300_000 + i).layer(2_000).build();
      upstream.put("library/image" + i, "1", image);
      images.add(image);
    }
  }

  private void run(int minutes) throws Exception {
    Series second = new Series();
    long bytes = 0;
    long begun = System.nanoTime();
    long end = begun + TimeUnit.MINUTES.toNanos(minutes);
    long half = begun + TimeUnit.MINUTES.toNanos(minutes) / 2;
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < GOOD; i++) {
        Random random = new Random(SEED + i);
        all.add(threads.submit(() -> beGood(random)));
      }
      Random random = new Random(SEED + GOOD);
      hostile
          .readSlowly(SLOW, () -> layer(random))
          .guess(NAMES_PER_SECOND)
          .pester(ODD_PER_SECOND, "library/image1")
          .leave(LEAVING_PER_SECOND, () -> layer(random));
      int samples = 0;
      while (System.nanoTime() < end) {
        TimeUnit.SECONDS.sleep(SAMPLE_SECONDS);
        bytes = Math.max(bytes, process.metric("breakwater_cache_bytes"));
        if (System.nanoTime() >= half) {
          second.add(memory.status("VmRSS") / 1048576.0);
        }
        if (++samples % 6 == 0) {
          line(begun);
        }
      }
      over = true;
      hostile.close();
      for (Future<?> each : all) {
        each.get();
      }
    }
    line(begun);
    System.out.printf(
        Locale.ROOT,
        "%nRSS in the second half, MiB: median (min … max) %s; the kernel's maximum %s%n%d pulls by"
            + " good clients, %d failed; %d other hostile requests, %d distinct names; at most %d"
            + " bytes of %d in the cache%n",
        second,
        MemoryReport.mebibytes(memory.status("VmHWM")),
        pulls.sum(),
        failures.size(),
        hostile.requests() - hostile.names(),
        hostile.names(),
        bytes,
        CACHE);
    failures.stream().limit(5).forEach(System.out::println);
  }

  private void line(long begun) {
    System.out.printf(
        Locale.ROOT,
        "%6.0f s  RSS %s, heap in use %s, %d descriptors, %d bytes cached, %d pulls, %d failed, %d"
            + " names%n",
        (System.nanoTime() - begun) / 1e9,
        MemoryReport.mebibytes(memory.status("VmRSS")),
        MemoryReport.mebibytes(memory.heapUsed()),
        memory.descriptors(),
        process.metric("breakwater_cache_bytes"),
        pulls.sum(),
        failures.size(),
        hostile.names());
  }

  private void beGood(Random random) {
    long begun = System.nanoTime();
    long own = 0;
    while (!over) {
      int number = random.nextInt(IMAGES);
      TestImage image = images.get(number);
      String repository = "library/image" + number;
      pulls.increment();
      if (get(repository, "manifests/1", image.manifest())) {
        for (Content blob : image.blobs().values()) {
          if (!blob(repository, blob)) {
            break;
          }
        }
      }
      own++;
      long due = begun + own * GOOD * TimeUnit.SECONDS.toNanos(1) / PULLS_PER_SECOND;
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private boolean blob(String repository, Content blob) {
    return get(repository, "blobs/" + blob.digest(), blob);
  }

  private boolean get(String repository, String what, Content truth) {
    try {
      HttpResponse<byte[]> reply =
          http.send(
              HttpRequest.newBuilder(mirror.resolve("/v2/" + repository + "/" + what))
                  .header("Accept", Connection.ACCEPT)
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      if (reply.statusCode() == 200 && Arrays.equals(reply.body(), truth.bytes())) {
        return true;
      }
      failures.add(
          repository
              + "/"
              + what
              + ": "
              + reply.statusCode()
              + (reply.statusCode() == 200
                  ? " WRONG BYTES"
                  : " " + new String(reply.body(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      failures.add(repository + "/" + what + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private String layer(Random random) {
    int number = random.nextInt(IMAGES);
    return "/v2/library/image" + number + "/blobs/" + images.get(number).layer(0).digest();
  }
}
