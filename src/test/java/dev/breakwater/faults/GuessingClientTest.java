package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.testing.TestImage;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A client that asks for ever new things that upstream does not have uses up its own share only.
 */
@Tag("slow")
class GuessingClientTest extends UpstreamFaults {
  private static final int BURST = 2_000;
  private static final int PER_SECOND = 20;

  private final AtomicLong nanos = new AtomicLong(System.nanoTime());
  private final TestImage other = TestImage.oci().seed(5).layer(LARGE).build();
  private PullClient neighbour;
  private int next;

  @BeforeEach
  void startWithAStandingClock() throws Exception {
    start(
        registry(),
        builder -> builder.nanos(nanos::get).set("BREAKWATER_CACHE_NEGATIVE_TTL", "1h"));
    upstream.put("library/redis", TAG, other);
    neighbour = new PullClient(mirror.uri(), InetAddress.ofLiteral("127.0.0.2"));
  }

  @AfterEach
  void leave() {
    neighbour.close();
  }

  @Test
  void beyondTheLimitUpstreamIsNotAskedForTheUnknown() throws Exception {
    pull(client);
    useUp();
    int asked = upstream.requests().size();
    for (int i = 0; i < 20; i++) {
      assertUnavailable(guess());
    }
    assertThat(client.blob(NGINX, digest(-1)).status()).isEqualTo(404);
    assertThat(client.get("/v2/" + NGINX + "/referrers/" + digest(-2)).status()).isEqualTo(503);
    assertThat(client.get("/v2/library/absent/tags/list").status()).isEqualTo(503);
    assertThat(client.manifestHead("library/absent", digest(-3)).status()).isEqualTo(503);
    assertThat(upstream.requests()).hasSize(asked);
  }

  @Test
  void whatTheMirrorKnowsIsServedAndRevalidatedBeyondTheLimit() throws Exception {
    pull(client);
    useUp();
    int asked = upstream.requests().size();
    pull(client);
    assertThat(upstream.requests()).as("the tag is asked for again").hasSizeGreaterThan(asked);
  }

  @Test
  void anotherClientIsServedAsIfNothingWere() throws Exception {
    useUp();
    assertThat(neighbour.manifest("library/none", TAG).status()).isEqualTo(404);
    assertRight(neighbour.manifest("library/redis", TAG), other.manifest());
    assertRight(neighbour.blob("library/redis", other.layer(0).digest()), other.layer(0));
  }

  @Test
  void eachSecondSomeMoreAreAskedFor() throws Exception {
    useUp();
    assertUnavailable(guess());
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    for (int i = 0; i < PER_SECOND; i++) {
      assertThat(guess().status()).isEqualTo(404);
    }
    assertUnavailable(guess());
  }

  @Test
  void whatIsAskedForAgainCountsOnce() {
    for (int i = 0; i < BURST + 10; i++) {
      assertThat(client.manifest("library/none", TAG).status()).isEqualTo(404);
    }
    assertThat(guess().status()).isEqualTo(404);
  }

  private void pull(PullClient who) {
    assertRight(who.manifest(NGINX, TAG), image.manifest());
    assertRight(who.blob(NGINX, layer.digest()), layer);
  }

  private void useUp() throws Exception {
    List<Future<Reply>> replies = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      for (int i = 0; i < BURST; i++) {
        int number = i;
        replies.add(threads.submit(() -> guess(number)));
      }
    }
    for (Future<Reply> reply : replies) {
      assertThat(reply.get().status()).as("%s", reply.get()).isIn(404, 200);
    }
  }

  private Reply guess(int number) {
    return switch (number % 10) {
      case 0 -> client.blob(NGINX, digest(number));
      case 1 -> client.get("/v2/" + NGINX + "/referrers/" + digest(number));
      case 2 -> client.get("/v2/library/absent" + number + "/tags/list");
      case 3 -> client.manifestHead(NGINX, digest(number));
      default -> client.manifest(NGINX, "guess" + number);
    };
  }

  private Reply guess() {
    return client.manifest("library/guess" + next++, TAG);
  }

  private static Digest digest(long of) {
    return Digest.ofSha256(ByteBuffer.allocate(Long.BYTES).putLong(of).array());
  }
}
