package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.e2e.HostileClients;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.Eventually;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What many hostile connections can use of the process, the disk, the log and the upstream. */
@Timeout(600)
class HostileClientsIT extends ServerFaults {
  private static final long CACHE = 64L << 20;
  private static final long LAYER = 1_000_000;
  private static final long MEMORY = 350L << 20;
  private static final int IMAGES = 20;
  private static final int CONNECTIONS = 10_000;
  private static final int SLOW = 300;

  /** 7,372 by the heap of the default settings, and those that are being replaced. */
  private static final int ADMITTED = 8_100;

  private static final int NAMES_PER_SECOND = 280;
  private static final int NAMES = 2_000;

  /** Files, threads' pipes, listeners and connections to upstream when no client is there. */
  private static final int OWN_DESCRIPTORS = 600;

  /** Of an access line, with a cause of at most 1,024 characters; a request writes no other. */
  private static final int LOG_LINE = 2_500;

  /** A challenge, a token, and what the token is for. */
  private static final int UPSTREAM_REQUESTS_PER_NAME = 3;

  private final List<TestImage> images = new ArrayList<>();

  @Test
  void tenThousandConnectionsAndEverNewNamesStayWithinTheBoundsAndHinderNoPull() throws Exception {
    start(Map.of("BREAKWATER_CACHE_MAX_SIZE", CACHE + "B", "BREAKWATER_CACHE_MIN_FREE", "0%"));
    for (int i = 0; i < IMAGES; i++) {
      images.add(TestImage.oci().seed(1_000 + i).layer(LAYER + i).build());
      upstream.put("library/image" + i, "1", images.get(i));
    }
    Random random = new Random(12);
    long most = 0;
    long descriptors = 0;
    long disk = 0;
    long attacks;
    long names;
    int pulls = 0;
    try (PullClient good = new PullClient(mirror.uri(), InetAddress.ofLiteral("127.0.0.2"));
        HostileClients hostile = new HostileClients(mirror.uri(), 100, 12)) {
      for (int i = 0; i < IMAGES; i++) {
        pull(good, i);
      }
      hostile.hold(CONNECTIONS - SLOW).readSlowly(SLOW, () -> layerPath(random.nextInt(IMAGES)));
      Eventually.until(
          "connections are replaced",
          () -> mirror.metric("breakwater_rejected_requests_total") > CONNECTIONS / 10);
      hostile
          .guess(NAMES_PER_SECOND)
          .pester(20, "library/image1")
          .leave(20, () -> layerPath(random.nextInt(IMAGES)));
      while (hostile.names() < NAMES) {
        pull(good, random.nextInt(IMAGES));
        pulls++;
        most = Math.max(most, memory());
        descriptors = Math.max(descriptors, descriptors());
        disk = Math.max(disk, mirror.metric("breakwater_cache_bytes"));
      }
      attacks = hostile.requests();
      names = hostile.names();
    }
    assertThat(most).as("resident bytes").isLessThan(MEMORY);
    assertThat(descriptors).isLessThan(ADMITTED + OWN_DESCRIPTORS);
    assertThat(disk).isLessThanOrEqualTo(CACHE);
    assertThat(Files.size(workspace.log("breakwater")))
        .as("bytes of log for %d requests", attacks)
        .isLessThan((attacks + CONNECTIONS * 2L + pulls * 10L) * LOG_LINE);
    Eventually.until("descriptors are closed", () -> descriptors() < OWN_DESCRIPTORS);
    System.out.printf(
        "%d attacks, %d names, %d pulls; at most %d MiB resident, %d descriptors,"
            + " %d bytes cached%n",
        attacks, names, pulls, most >> 20, descriptors, disk);
  }

  @Test
  void oneClientWithEverNewNamesCostsUpstreamNoMoreThanItsShare() throws Exception {
    start(Map.of());
    TestImage image = image(1, LAYER);
    int before = upstream.requests().size();
    long begun = System.nanoTime();
    try (PullClient good = new PullClient(mirror.uri(), InetAddress.ofLiteral("127.0.0.2"));
        HostileClients hostile = new HostileClients(mirror.uri(), 1, 13)) {
      hostile.guess(600);
      Eventually.until("the names are asked for", () -> hostile.names() > 3_500);
      double seconds = (System.nanoTime() - begun) / 1e9;
      assertThat(upstream.requests().size() - before)
          .as("requests to upstream for %d names in %.1f s", hostile.names(), seconds)
          .isLessThan((int) ((2_000 + 20 * seconds) * UPSTREAM_REQUESTS_PER_NAME) + 100);
      assertRight(good.blob(NGINX, image.layer(0).digest()), image.layer(0));
      TestImage other = TestImage.oci().seed(77).layer(LAYER).build();
      upstream.put("library/other", "1", other);
      assertRight(good.manifest("library/other", "1"), other.manifest());
      assertRight(good.blob("library/other", other.layer(0).digest()), other.layer(0));
    }
  }

  private void pull(PullClient good, int number) {
    TestImage image = images.get(number);
    String repository = "library/image" + number;
    assertRight(good.manifest(repository, "1"), image.manifest());
    for (Content blob : image.blobs().values()) {
      assertRight(good.blob(repository, blob.digest()), blob);
    }
  }

  private String layerPath(int number) {
    return "/v2/library/image" + number + "/blobs/" + images.get(number).layer(0).digest();
  }

  private static void assertRight(Reply reply, Content truth) {
    assertThat(reply.verdict(truth)).as("%s", reply).isEqualTo(Reply.Verdict.RIGHT);
  }

  private long memory() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(mirror.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .sum();
  }

  private long descriptors() {
    String[] names = Path.of("/proc", Long.toString(mirror.pid()), "fd").toFile().list();
    return names == null ? 0 : names.length;
  }
}
