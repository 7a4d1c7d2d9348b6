package dev.breakwater.bench;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What does a hit cost, compared with nginx serving the same bytes as files and with Debian's
 * docker-registry?
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=HitBench
 * }</pre>
 *
 * <p>All servers run on processor 0, the load on processor 1. Every round ({@code -Dbench.rounds=5}
 * for more of them) asks each server in turn. On a busy machine the processor time of a request is
 * the figure to trust. No server writes an access log, but for the row that says so, which is
 * Breakwater as it comes.
 */
public final class HitBench {
  private static final String REPOSITORY = "library/bench";
  private static final Duration TIME = Duration.ofSeconds(2);
  private static final int MANY = 32;
  private static final int FEW = 4;

  /** Where those stand among the contestants that the others are compared with. */
  private static final int NGINX = 0;

  private static final int REGISTRY = 1;

  /** A server to measure. */
  private record Contestant(String name, URI uri, long pid) {}

  /** One contestant's figures for one load. */
  private record Figures(Series perSecond, Series processor) {}

  private final int rounds;
  private final List<Contestant> contestants;
  private final Map<String, Load> loads;

  private HitBench(int rounds, List<Contestant> contestants, Map<String, Load> loads) {
    this.rounds = rounds;
    this.contestants = contestants;
    this.loads = loads;
  }

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws IOException {
    int rounds = Integer.parseInt(arguments[0]);
    System.out.println(Machine.description());
    TestImage image =
        TestImage.docker().layer(1 << 10).layer(1 << 16).layer(1 << 20).layer(100 << 20).build();
    Machine.stayOn(0);
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "HitBench"));
        Nginx nginx = nginx(workspace, image);
        DockerRegistry registry = DockerRegistry.start(workspace);
        BreakwaterProcess quiet =
            BreakwaterProcess.start(
                workspace, registry.uri(), Map.of("BREAKWATER_LOG_LEVEL", "warn"));
        BreakwaterProcess logging = BreakwaterProcess.start(workspace, registry.uri(), Map.of())) {
      Machine.stayOn(1);
      registry.push(REPOSITORY, image);
      List<Contestant> contestants =
          List.of(
              new Contestant("nginx", nginx.uri(), nginx.pid()),
              new Contestant("docker-registry", registry.uri(), registry.pid()),
              new Contestant("breakwater", quiet.uri(), quiet.pid()),
              new Contestant("breakwater, access log", logging.uri(), logging.pid()));
      HitBench bench = new HitBench(rounds, contestants, loads(image));
      bench.verify(image);
      bench.run();
    }
  }

  private static Nginx nginx(Workspace workspace, TestImage image) throws IOException {
    Path root = workspace.store("files");
    new StaticFiles(root, REPOSITORY).write(image);
    return Nginx.start(workspace, root, image.mediaType().value());
  }

  private static Map<String, Load> loads(TestImage image) {
    String manifests = "/v2/" + REPOSITORY + "/manifests/";
    long size = image.manifest().size();
    Map<String, Load> loads = new LinkedHashMap<>();
    loads.put("manifest by digest", new Load("GET", manifests + image.digest(), size, MANY));
    loads.put("manifest by tag", new Load("GET", manifests + "1", size, MANY));
    loads.put("HEAD of a tag", new Load("HEAD", manifests + "1", 0, MANY));
    List<String> names = List.of("blob of 1 KiB", "64 KiB", "1 MiB", "100 MiB");
    for (int layer = 0; layer < names.size(); layer++) {
      Content blob = image.layer(layer);
      int connections = blob.size() > 1 << 16 ? FEW : MANY;
      loads.put(names.get(layer), new Load("GET", path(blob.digest()), blob.size(), connections));
    }
    return loads;
  }

  private static String path(Object digest) {
    return "/v2/" + REPOSITORY + "/blobs/" + digest;
  }

  /** Pulls everything from each server, which fills the caches. */
  private void verify(TestImage image) throws IOException {
    ByteBuffer body = ByteBuffer.allocateDirect(101 << 20);
    for (Contestant contestant : contestants) {
      try (Clients clients = Clients.connect(contestant.uri(), 1)) {
        Connection connection = clients.connections().getFirst();
        for (String reference : List.of("1", image.digest().toString())) {
          connection.send("GET", "/v2/" + REPOSITORY + "/manifests/" + reference, body.clear());
          clients.await(_ -> false);
          Download.verify(body.flip(), image.digest().toString());
        }
        for (Content blob : image.blobs().values()) {
          connection.send("GET", path(blob.digest()), body.clear());
          clients.await(_ -> false);
          Download.verify(body.flip(), blob.digest().toString());
        }
      }
    }
  }

  private void run() {
    Table table =
        new Table(
            "hit",
            "server",
            "requests/s",
            "GB/s",
            "CPU us/request",
            "CPU ms/GB",
            "speed: x nginx",
            "x registry",
            "CPU: x nginx",
            "x registry");
    warmUp();
    loads.forEach((name, load) -> rows(table, name, load));
    System.out.printf(
        "processor 0 serves, 1 asks, %d rounds of %d s, medians; load %s%n",
        rounds, TIME.toSeconds(), Machine.load());
    table.print(System.out);
  }

  /** Every load on every server before anything counts: JVMs compile what they see often. */
  private void warmUp() {
    for (Load load : loads.values()) {
      contestants.forEach(contestant -> load.run(contestant.uri(), TIME));
    }
  }

  private void rows(Table table, String name, Load load) {
    List<Figures> figures = measure(load);
    double gigabytes = load.size() / 1e9;
    for (int i = 0; i < contestants.size(); i++) {
      double perSecond = figures.get(i).perSecond().median();
      double processor = figures.get(i).processor().median();
      table.row(
          i == 0 ? name : "",
          contestants.get(i).name(),
          perSecond,
          load.size() >= 1 << 16 ? perSecond * gigabytes : "",
          processor * 1e6,
          load.size() >= 1 << 20 ? processor * 1e3 / gigabytes : "",
          perSecond / figures.get(NGINX).perSecond().median(),
          perSecond / figures.get(REGISTRY).perSecond().median(),
          processor / figures.get(NGINX).processor().median(),
          processor / figures.get(REGISTRY).processor().median());
    }
  }

  /** The figures of each contestant. */
  private List<Figures> measure(Load load) {
    List<Figures> figures = new ArrayList<>();
    contestants.forEach(_ -> figures.add(new Figures(new Series(), new Series())));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < contestants.size(); i++) {
        Contestant contestant = contestants.get(i);
        double before = Machine.processorSeconds(contestant.pid());
        Load.Outcome outcome = load.run(contestant.uri(), TIME);
        double used = Machine.processorSeconds(contestant.pid()) - before;
        figures.get(i).perSecond().add(outcome.requests() / outcome.seconds());
        figures.get(i).processor().add(used / outcome.requests());
      }
    }
    return figures;
  }
}
