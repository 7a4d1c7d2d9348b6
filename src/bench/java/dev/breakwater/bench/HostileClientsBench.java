package dev.breakwater.bench;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.testing.Content;
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
 * <p>Quiet and hostile parts of 20 s in turn; the first round warms up. The good client asks 50
 * times a second for a manifest by tag and a blob of 64 KB, both cached. The hostile ones keep
 * 10,000 connections, read 300 answers slowly, ask for 278 new names a second (a million in an
 * hour), send 20 odd requests and leave 20 answers a second. {@code BREAKWATER_OPTS} is passed on.
 */
public final class HostileClientsBench {
  private static final int SECONDS = 20;
  private static final int PER_SECOND = 50;

  private HostileClientsBench() {}

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws Exception {
    System.out.println(Machine.description());
    TestImage image = HostileProcess.IMAGE;
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "HostileClientsBench"));
        HostileProcess hostile = HostileProcess.start();
        BreakwaterProcess process =
            BreakwaterProcess.start(
                workspace,
                hostile.upstream(),
                Map.of(
                    "BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS",
                    hostile.realm(),
                    "BREAKWATER_OPTS",
                    System.getenv().getOrDefault("BREAKWATER_OPTS", "")));
        HttpClient good =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.ofLiteral("127.0.0.2"))
                .build()) {
      MemoryReport memory = new MemoryReport(process.pid());
      ask(good, blob(process.uri(), image.layer(1)));
      measure(good, process.uri(), image.layer(0));
      for (int round = 0; round < Integer.parseInt(arguments[0]); round++) {
        print("quiet", measure(good, process.uri(), image.layer(0)), memory);
        hostile.connect(process.uri());
        TimeUnit.SECONDS.sleep(SECONDS);
        hostile.ask();
        TimeUnit.SECONDS.sleep(2);
        System.out.println("  " + hostile.state());
        print("hostile", measure(good, process.uri(), image.layer(0)), memory);
        System.out.println("  " + hostile.state());
        hostile.rest();
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
    URI manifest = mirror.resolve("/v2/" + HostileProcess.REPOSITORY + "/manifests/1");
    URI blob = blob(mirror, layer);
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

  private static URI blob(URI mirror, Content blob) {
    return mirror.resolve("/v2/" + HostileProcess.REPOSITORY + "/blobs/" + blob.digest());
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
