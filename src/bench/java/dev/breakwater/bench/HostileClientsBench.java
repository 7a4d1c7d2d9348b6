package dev.breakwater.bench;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.HostileClients;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How long does a good client wait for cached answers while others are hostile?
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=HostileClientsBench -Dbench.rounds=3
 * }</pre>
 *
 * <p>Quiet and hostile parts of 20 s in turn. The good client asks 50 times a second for a manifest
 * by tag and a blob of 64 KB, both cached. The hostile ones keep 10,000 connections, read 300
 * answers slowly, ask for 278 new names a second (a million in an hour), send 20 odd requests and
 * leave 20 answers a second. They, the upstream and the mirror share the machine.
 */
public final class HostileClientsBench {
  private static final int SECONDS = 20;
  private static final int PER_SECOND = 50;
  private static final int SLOW = 300;
  private static final int CONNECTIONS = 10_000;
  private static final int NAMES_PER_SECOND = 278;

  private HostileClientsBench() {}

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws Exception {
    System.out.println(Machine.description());
    TestImage image = TestImage.oci().seed(1).layer(64_000).layer(1_000_000).build();
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "HostileClientsBench"));
        FaultyRegistry upstream = FaultyRegistry.builder().bearer().redirectBlobs().start();
        BreakwaterProcess process =
            BreakwaterProcess.start(
                workspace,
                URI.create(upstream.url()),
                Map.of(
                    "BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS",
                    URI.create(upstream.authUrl()).getAuthority()));
        HttpClient good =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.ofLiteral("127.0.0.2"))
                .build()) {
      upstream.put("library/good", "1", image);
      MemoryReport memory = new MemoryReport(process.pid());
      String large = "/v2/library/good/blobs/" + image.layer(1).digest();
      ask(good, process.uri().resolve(large));
      measure(good, process.uri(), image.layer(0));
      for (int round = 0; round < Integer.parseInt(arguments[0]); round++) {
        print("quiet", measure(good, process.uri(), image.layer(0)), memory);
        try (HostileClients hostile = new HostileClients(process.uri(), 100, round)) {
          hostile.hold(CONNECTIONS - SLOW).readSlowly(SLOW, () -> large);
          TimeUnit.SECONDS.sleep(SECONDS);
          hostile.guess(NAMES_PER_SECOND).pester(20, "library/good").leave(20, () -> large);
          TimeUnit.SECONDS.sleep(2);
          long names = hostile.names();
          print("hostile", measure(good, process.uri(), image.layer(0)), memory);
          System.out.printf(
              "  %d connections held, %d slow readers, %d names in the part%n",
              hostile.held(), hostile.slow(), hostile.names() - names);
        }
        TimeUnit.SECONDS.sleep(SECONDS / 2);
      }
    }
  }

  private static void print(String part, Series millis, MemoryReport memory) {
    System.out.printf(
        Locale.ROOT,
        "%-8s median %.2f ms, p99 %.2f ms, max %.2f ms; RSS %s, %d descriptors%n",
        part,
        millis.median(),
        millis.quantile(0.99),
        millis.max(),
        MemoryReport.mebibytes(memory.status("VmRSS")),
        memory.descriptors());
  }

  private static Series measure(HttpClient good, URI mirror, Content layer) throws Exception {
    Series millis = new Series();
    URI manifest = mirror.resolve("/v2/library/good/manifests/1");
    URI blob = mirror.resolve("/v2/library/good/blobs/" + layer.digest());
    long begun = System.nanoTime();
    for (int i = 0; i < SECONDS * PER_SECOND; i++) {
      LockSupport.parkNanos(
          begun + i * TimeUnit.SECONDS.toNanos(1) / PER_SECOND - System.nanoTime());
      long from = System.nanoTime();
      ask(good, i % 2 == 0 ? manifest : blob);
      millis.add((System.nanoTime() - from) / 1e6);
    }
    return millis;
  }

  private static void ask(HttpClient good, URI what) throws Exception {
    HttpResponse<byte[]> reply =
        good.send(
            HttpRequest.newBuilder(what).header("Accept", Connection.ACCEPT).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (reply.statusCode() != 200) {
      throw new IllegalStateException(what + ": " + reply.statusCode());
    }
  }
}
