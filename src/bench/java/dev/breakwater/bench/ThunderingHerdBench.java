package dev.breakwater.bench;

import dev.breakwater.e2e.Workspace;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What do 64 clients wait that all ask at once for a blob the cache has not got, and what does
 * upstream pay for it?
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=ThunderingHerdBench
 * }</pre>
 *
 * <p>Upstream gives 20 MB/s to a connection. Each round ({@code -Dbench.rounds=5} for more of them)
 * has a blob of its own and follows a direct download by a single client.
 */
public final class ThunderingHerdBench {
  private static final int CLIENTS = 64;

  /** How many clients keep what they get, so that it can be verified afterwards. */
  private static final int SAMPLE = 4;

  private static final long BLOB = 100_000_000;
  private static final String REPOSITORY = "library/slow-herd";

  private final List<ByteBuffer> places = new ArrayList<>();
  private final Series direct = new Series();
  private final Series last = new Series();
  private final Series firstByteMedian = new Series();
  private final Series firstByteMaximum = new Series();
  private final Series processor = new Series();

  private ThunderingHerdBench() {
    for (int client = 0; client < SAMPLE; client++) {
      places.add(ByteBuffer.allocateDirect((int) BLOB + (1 << 16)));
    }
  }

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws IOException {
    int rounds = Integer.parseInt(arguments[0]);
    System.out.println(Machine.description());
    String sizes = String.join(",", Collections.nCopies(rounds + 1, Long.toString(BLOB)));
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "ThunderingHerdBench"));
        LimitedUpstream upstream = LimitedUpstream.start(workspace, REPOSITORY + ":1:" + sizes)) {
      new ThunderingHerdBench().run(workspace, upstream);
    }
  }

  private void run(Workspace workspace, LimitedUpstream upstream) throws IOException {
    List<Blob> blobs = upstream.layers(REPOSITORY);
    List<Blob> absent = blobs.subList(1, blobs.size());
    Download download = new Download(BLOB + (1 << 16));
    Path memory = workspace.store("memory");
    try (Mirror mirror = Mirror.warm(workspace, upstream)) {
      for (Blob blob : absent) {
        direct.add(download.of(blobs.getFirst(), upstream.uri()).total());
        Machine.touchMemory(memory, 2 * BLOB);
        double before = Machine.processorSeconds(mirror.pid());
        herd(mirror.uri(), blob);
        processor.add(Machine.processorSeconds(mirror.pid()) - before);
      }
    }
    upstream.close();
    report(upstream, absent);
  }

  private void herd(URI mirror, Blob blob) throws IOException {
    try (Clients clients = Clients.connect(mirror, CLIENTS)) {
      places.forEach(ByteBuffer::clear);
      List<Connection> connections = clients.connections();
      for (int client = 0; client < CLIENTS; client++) {
        ByteBuffer place = client < SAMPLE ? places.get(client) : null;
        connections.get(client).send("GET", blob.path(), place);
      }
      clients.await(_ -> false);
      Series firstBytes = new Series();
      long start = connections.getFirst().timing().sentAt();
      double end = 0;
      for (Connection connection : connections) {
        Timing timing = connection.timing();
        firstBytes.add(timing.firstByte() * 1e3);
        end = Math.max(end, (timing.sentAt() - start) / 1e9 + timing.total());
        if (timing.bytes() != blob.size()) {
          throw new IllegalStateException(timing.bytes() + " bytes instead of " + blob.size());
        }
      }
      last.add(end);
      firstByteMedian.add(firstBytes.median());
      firstByteMaximum.add(firstBytes.max());
    }
    places.forEach(place -> Download.verify(place.flip(), blob.digest()));
  }

  private void report(LimitedUpstream upstream, List<Blob> blobs) throws IOException {
    Series share = new Series();
    Series requests = new Series();
    for (Blob blob : blobs) {
      share.add(upstream.sent(blob) / (double) blob.size());
      requests.add((double) upstream.requests(blob));
    }
    System.out.printf(
        "%d clients, a blob of 100 MB, %d MB/s a connection; %d rounds, median (min … max);"
            + " load %s%n",
        CLIENTS, LimitedUpstream.RATE / 1_000_000, blobs.size(), Machine.load());
    Table table = new Table("herd", "measured", "wanted");
    table.row("bytes from upstream / size of the blob", share, "1.00");
    table.row("requests to upstream", requests, "");
    table.row("one client, directly, s", direct, "");
    table.row("the last of the herd, s", last, "");
    table.row("the last of the herd / one client", last.median() / direct.median(), "≤ 1.2");
    table.row("first byte, median client, ms", firstByteMedian, "");
    table.row("first byte, last client, ms", firstByteMaximum, "");
    table.row("processor seconds of the mirror", processor, "");
    table.print(System.out);
  }
}
