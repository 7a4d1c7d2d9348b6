package dev.breakwater.faults;

import static dev.breakwater.testing.RequestMatcher.any;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Faults;
import dev.breakwater.testing.RequestMatcher;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many requests at once are our own load and say nothing about upstream. */
@Tag("slow")
class CrowdTest extends UpstreamFaults {
  private static final int TAGS = 1800;

  @Test
  void manyTagsAtOnceOpenNoBreakerAndAClientWithOneHasItsTurn() throws Exception {
    start(registry());
    for (int i = 0; i < TAGS; i++) {
      upstream.put(NGINX, "t" + i, image);
    }
    upstream.put("library/redis", TAG, image);
    upstream.on(any()).then(Faults.delay(Duration.ofMillis(150)));
    List<Future<Reply>> replies = new ArrayList<>();
    AtomicInteger answered = new AtomicInteger();
    try (PullClient second = new PullClient(mirror.uri(), InetAddress.ofLiteral("127.0.0.2"));
        PullClient third = new PullClient(mirror.uri(), InetAddress.ofLiteral("127.0.0.3"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < TAGS; i++) {
        String tag = "t" + i;
        PullClient one = i % 2 == 0 ? client : second;
        replies.add(
            threads.submit(
                () -> {
                  Reply reply = one.manifest(NGINX, tag);
                  answered.incrementAndGet();
                  return reply;
                }));
      }
      upstream.awaitRequests(RequestMatcher.manifest().head(), 200, Duration.ofSeconds(30));
      assertRight(third.manifest("library/redis", TAG), image.manifest());
      assertThat(answered.get()).as("of the crowd before the third client").isLessThan(TAGS / 2);
      for (Future<Reply> reply : replies) {
        // What does not get its turn in time is told to come again; nothing else may happen.
        Reply got = reply.get();
        if (got.status() == 503) {
          assertUnavailable(got);
        } else {
          assertRight(got, image.manifest());
        }
      }
    }
    assertThat(mirror.upstreamRequests("manifest", "timeout")).isZero();
    assertThat(mirror.metric("upstream_breaker_state")).isZero();
    Reply next = client.manifest(NGINX, "t0");
    assertRight(next, image.manifest());
  }
}
