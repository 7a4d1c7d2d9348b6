package dev.breakwater.bench;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Command;
import dev.breakwater.e2e.Containerd;
import dev.breakwater.e2e.Dockerd;
import dev.breakwater.e2e.ImageClient;
import dev.breakwater.e2e.Podman;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * What do pulls of cached images cost when packets to upstream vanish, so that connections hang
 * instead of being refused, and how soon is upstream used again once it is back?
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=OutageBench
 * }</pre>
 *
 * <p>Everything runs in a network namespace that the program makes for itself, so it needs root,
 * iptables, and Debian's dockerd, containerd and podman. Tags live for {@value #TAG_TTL} seconds,
 * so that most of those asked for during the outage are stale. The load is open: a request begins
 * when its time has come, and its delay counts from there.
 */
public final class OutageBench {
  private static final String INSIDE = "inside";
  private static final int TAGS = 50;
  private static final int RATE = 200;
  private static final int TAG_TTL = 5;
  private static final int OUTAGE_SECONDS = 60;
  private static final int UNCACHED = 50;
  private static final String SMALL = "library/small";
  private static final String IMAGE = "library/image";

  private interface Engine {
    ImageClient start(Workspace workspace, BreakwaterProcess mirror);
  }

  /**
   * Delays of a load.
   *
   * @param all of every request
   * @param seconds of the requests of each second
   */
  private record Delays(Series all, List<Series> seconds) {}

  private final int rounds;
  private final Workspace workspace;
  private final FaultyRegistry upstream;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Table table = new Table("black hole", "healthy", "outage", "ratio", "wanted");
  private final Map<String, ImageClient> engines = new LinkedHashMap<>();
  private final Map<String, Series> healthy = new LinkedHashMap<>();

  private OutageBench(int rounds, Workspace workspace, FaultyRegistry upstream) {
    this.rounds = rounds;
    this.workspace = workspace;
    this.upstream = upstream;
  }

  /** Runs it; the first argument is the number of rounds. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length < 2) {
      System.exit(inANamespace(arguments[0]));
    }
    System.out.println(Machine.description());
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "OutageBench"));
        FaultyRegistry upstream = FaultyRegistry.builder().bearer().redirectBlobs().start()) {
      new OutageBench(Integer.parseInt(arguments[0]), workspace, upstream).run();
    }
  }

  /** Runs this program once more, with a loopback of its own. */
  private static int inANamespace(String rounds) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("unshare", "--net", "--", "sh", "-c"));
    words.add("ip link set lo up && exec \"$@\"");
    words.add("sh");
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("-cp");
    words.add(System.getProperty("java.class.path"));
    words.addAll(List.of(OutageBench.class.getName(), rounds, INSIDE));
    return new ProcessBuilder(words).inheritIO().start().waitFor();
  }

  private void run() throws IOException {
    for (int tag = 0; tag < TAGS; tag++) {
      upstream.put(SMALL, "v" + tag, TestImage.docker().seed(tag).layer(1000).build());
    }
    upstream.put(
        IMAGE, "1", TestImage.docker().seed(-1).tarLayer(5_000_000).tarLayer(5_000_000).build());
    Map<String, String> settings =
        Map.of(
            "BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS",
            URI.create(upstream.authUrl()).getAuthority(),
            "BREAKWATER_CACHE_TAG_TTL",
            TAG_TTL + "s");
    try (BreakwaterProcess mirror =
        BreakwaterProcess.start(workspace, URI.create(upstream.url()), settings)) {
      try {
        startEngines(mirror);
        measure(mirror.uri());
      } finally {
        engines.values().forEach(ImageClient::close);
        client.close();
      }
    }
  }

  private void startEngines(BreakwaterProcess mirror) {
    Map<String, Engine> all = new LinkedHashMap<>();
    all.put("dockerd", (place, through) -> new Dockerd(place, through.uri()));
    all.put("containerd", Containerd::debian);
    all.put("podman", Podman::new);
    all.forEach((name, engine) -> engines.put(name, engine.start(workspace, mirror)));
  }

  private void measure(URI mirror) throws IOException {
    load(mirror, 10);
    engines.forEach((name, engine) -> pull(engine));
    engines.forEach((name, engine) -> healthy.put(name, pulls(engine)));
    Delays before = load(mirror, 20);

    vanish("-A");
    Delays during = load(mirror, OUTAGE_SECONDS);
    Series refused = new Series();
    for (int i = 0; i < UNCACHED; i++) {
      long begun = System.nanoTime();
      expect(get(mirror, SMALL, "absent" + i), 503);
      refused.add((System.nanoTime() - begun) / 1e6);
    }
    Map<String, Series> outage = new LinkedHashMap<>();
    engines.forEach((name, engine) -> outage.put(name, pulls(engine)));
    TestImage newer = TestImage.docker().seed(-2).layer(1000).build();
    upstream.put(SMALL, newer).moveTag(SMALL, "v0", newer);
    vanish("-D");
    double restored = secondsUntil(mirror, newer.manifest());

    System.out.printf(
        "%d requests a second for %d tags that live %d s, %d s of outage; %d pulls by each engine;"
            + " load %s%n",
        RATE, TAGS, TAG_TTL, OUTAGE_SECONDS, rounds, Machine.load());
    row("cached tag, median, ms", before.all().median(), during.all().median(), "");
    row("cached tag, p99, ms", before.all().quantile(0.99), during.all().quantile(0.99), "≤ 50");
    row("cached tag, slowest, ms", before.all().max(), during.all().max(), "");
    Series firstOutage = during.seconds().getFirst();
    row("first second, p99, ms", "", firstOutage.quantile(0.99), "≤ 50");
    row("worst second, p99, ms", worst(before), worst(during), "");
    row("uncached tag, refused, median, ms", "", refused.median(), "");
    row("uncached tag, refused, slowest, ms", "", refused.max(), "");
    outage.forEach(
        (name, series) ->
            table.row(
                "image of 2 x 5 MB by " + name + ", s",
                healthy.get(name),
                series,
                series.median() / healthy.get(name).median(),
                "≤ 1.1"));
    row("fresh content after the end, s", "", restored, "≤ 10");
    table.print(System.out);
  }

  private void row(String question, Object before, Object during, String wanted) {
    table.row(question, before, during, "", wanted);
  }

  private static double worst(Delays delays) {
    return delays.seconds().stream().mapToDouble(each -> each.quantile(0.99)).max().orElseThrow();
  }

  /** Asks for all tags in turn, each request at its time. */
  private Delays load(URI mirror, int seconds) {
    List<CompletableFuture<Double>> requests = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < RATE * seconds; i++) {
      long due = start + i * 1_000_000_000L / RATE;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      requests.add(
          client
              .sendAsync(request(mirror, SMALL, "v" + i % TAGS), BodyHandlers.ofByteArray())
              .thenApply(
                  response -> {
                    expect(response.statusCode(), 200);
                    return (System.nanoTime() - due) / 1e6;
                  }));
    }
    Series all = new Series();
    List<Series> each = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      if (i % RATE == 0) {
        each.add(new Series());
      }
      double delay = requests.get(i).join();
      all.add(delay);
      each.getLast().add(delay);
    }
    return new Delays(all, each);
  }

  private Series pulls(ImageClient engine) {
    Series seconds = new Series();
    for (int round = 0; round < rounds; round++) {
      seconds.add(pull(engine));
    }
    return seconds;
  }

  /** Seconds that an engine with an empty store takes. */
  private static double pull(ImageClient engine) {
    engine.emptyStore();
    long begun = System.nanoTime();
    engine.pull("docker.io/" + IMAGE + ":1");
    return (System.nanoTime() - begun) / 1e9;
  }

  /** Throws all packets to upstream away, or no longer. */
  private void vanish(String action) {
    for (String url : List.of(upstream.url(), upstream.authUrl(), upstream.cdnUrl())) {
      Command.of(
              "iptables",
              action,
              "INPUT",
              "-i",
              "lo",
              "-p",
              "tcp",
              "--dport",
              URI.create(url).getPort(),
              "-j",
              "DROP")
          .run();
    }
  }

  private double secondsUntil(URI mirror, Content manifest) throws IOException {
    long begun = System.nanoTime();
    while (true) {
      HttpResponse<byte[]> response = send(request(mirror, SMALL, "v0"));
      if (java.util.Arrays.equals(response.body(), manifest.bytes())) {
        return (System.nanoTime() - begun) / 1e9;
      }
      if (System.nanoTime() - begun > Duration.ofMinutes(2).toNanos()) {
        throw new IllegalStateException("no fresh content two minutes after the end");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  private int get(URI mirror, String repository, String tag) throws IOException {
    return send(request(mirror, repository, tag)).statusCode();
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static HttpRequest request(URI mirror, String repository, String tag) {
    return HttpRequest.newBuilder(mirror.resolve("/v2/" + repository + "/manifests/" + tag))
        .header("Accept", Connection.ACCEPT)
        .build();
  }

  private static void expect(int status, int expected) {
    if (status != expected) {
      throw new IllegalStateException("status " + status + " instead of " + expected);
    }
  }
}
