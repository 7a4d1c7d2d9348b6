package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallQueueTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Vertx vertx = Vertx.vertx();
  private final CallQueue queue =
      new CallQueue(vertx, 2, 10, new RequestRate(Optional.empty(), System::nanoTime));
  private final List<String> admitted = new CopyOnWriteArrayList<>();
  private final List<CallQueue.Lease> leases = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    await(vertx.close());
  }

  private Future<Optional<CallQueue.Lease>> enter(String client, Duration patience) {
    return queue
        .enter(client, patience, true)
        .onSuccess(
            lease -> {
              admitted.add(client);
              lease.ifPresent(leases::add);
            });
  }

  private Future<Optional<CallQueue.Lease>> enter(String client) {
    return enter(client, LONG);
  }

  @Test
  void callsBeyondTheLimitWaitUntilOthersHaveLeft() {
    enter("a");
    enter("a");
    Future<Optional<CallQueue.Lease>> third = enter("a");
    assertThat(third.isComplete()).isFalse();
    assertThat(queue.waiting()).isEqualTo(1);
    leases.getFirst().leave();
    leases.getFirst().leave();
    assertThat(await(third)).isPresent();
    assertThat(enter("a").isComplete()).as("leaving twice gives back one place").isFalse();
  }

  @Test
  void clientsTakeTurns() {
    enter("a");
    enter("a");
    List<Future<?>> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(enter("a"));
    }
    waiting.add(enter("b"));
    waiting.add(enter("c"));
    waiting.add(enter("b"));
    for (int i = 0; i < waiting.size(); i++) {
      leases.get(i).leave();
      int expected = i + 3;
      Eventually.until("the next call is admitted", () -> admitted.size() >= expected);
    }
    assertThat(admitted.subList(2, 8)).containsExactly("a", "b", "c", "a", "b", "a");
  }

  @Test
  void callThatHasWaitedTooLongIsRefusedAndCostsNoPlace() {
    enter("a");
    enter("a");
    Future<Optional<CallQueue.Lease>> late = enter("b", Duration.ofMillis(20));
    assertThat(await(late)).isEmpty();
    assertThat(queue.waiting()).isZero();
    leases.getFirst().leave();
    assertThat(await(enter("c"))).isPresent();
  }

  @Test
  void callBeyondTheQueueIsRefusedAtOnce() {
    enter("a");
    enter("a");
    for (int i = 0; i < 10; i++) {
      enter("a");
    }
    Future<Optional<CallQueue.Lease>> refused = enter("b");
    assertThat(refused.isComplete()).isTrue();
    assertThat(refused.result()).isEmpty();
  }
}
