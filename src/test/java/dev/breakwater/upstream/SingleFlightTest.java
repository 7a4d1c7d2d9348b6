package dev.breakwater.upstream;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger joined = new AtomicInteger();
  private final SingleFlight<String, String> flights =
      new SingleFlight<>(vertx, joined::incrementAndGet);
  private final AtomicInteger begun = new AtomicInteger();
  private Promise<String> landing = Promise.promise();

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, SECONDS);
  }

  private Future<String> join(String key) {
    return flights.join(
        key,
        () -> {
          begun.incrementAndGet();
          return landing.future();
        },
        value -> value + " (joined)");
  }

  @Test
  void thoseWhoComeLateShareTheOneFlight() throws Exception {
    List<Future<String>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(join("a"));
    }
    landing.complete("landed");
    assertThat(all.getFirst().await(10, SECONDS)).isEqualTo("landed");
    for (Future<String> late : all.subList(1, 50)) {
      assertThat(late.await(10, SECONDS)).isEqualTo("landed (joined)");
    }
    assertThat(begun).hasValue(1);
    assertThat(joined).hasValue(49);
  }

  @Test
  void aFailureIsSharedAndThenForgotten() {
    Future<String> first = join("a");
    Future<String> late = join("a");
    landing.fail("lost");
    assertThatThrownBy(() -> first.await(10, SECONDS)).hasMessage("lost");
    assertThatThrownBy(() -> late.await(10, SECONDS)).hasMessage("lost");
    landing = Promise.promise();
    join("a");
    assertThat(begun).hasValue(2);
  }

  @Test
  void anotherKeyIsAnotherFlight() {
    join("a");
    join("b");
    assertThat(begun).hasValue(2);
  }

  @Test
  void aFlightThatThrowsFailsAndLeavesNoTrace() {
    Future<String> thrown =
        flights.join(
            "a",
            () -> {
              throw new IllegalStateException("crashed");
            },
            value -> value);
    assertThatThrownBy(() -> thrown.await(10, SECONDS)).hasMessage("crashed");
    join("a");
    assertThat(begun).hasValue(1);
  }

  @Test
  void eachCallersFutureCompletesOnItsOwnContext() throws Exception {
    Context one = vertx.getOrCreateContext();
    Context other = ((io.vertx.core.internal.VertxInternal) vertx).createEventLoopContext();
    Future<Context> first = contextOf(one);
    Future<Context> second = contextOf(other);
    landing.complete("landed");
    assertThat(first.await(10, SECONDS)).isSameAs(one);
    assertThat(second.await(10, SECONDS)).isSameAs(other);
  }

  private Future<Context> contextOf(Context home) {
    Promise<Context> seen = Promise.promise();
    home.runOnContext(
        ignored -> join("a").onComplete(done -> seen.complete(Vertx.currentContext())));
    return seen.future();
  }
}
