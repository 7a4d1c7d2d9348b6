package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StaleFallbackTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(1);

  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics("test", List.of());
  private final Promise<String> renewed = Promise.promise();

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, SECONDS);
    metrics.close();
  }

  private StaleFallback fallback(Duration answer) {
    return new StaleFallback(vertx, new PullThrough.Policy(answer, true), metrics);
  }

  private Future<String> within(Duration patience, Future<String> old) {
    return fallback(LONG).within(patience, renewed.future(), () -> old);
  }

  private static Future<String> old() {
    return Future.succeededFuture("old");
  }

  @Test
  void theNewAnswerIsTakenIfItComesInTime() throws Exception {
    Future<String> answer = within(LONG, old());
    assertThat(answer.isComplete()).isFalse();
    renewed.complete("new");
    assertThat(answer.await(10, SECONDS)).isEqualTo("new");
  }

  @Test
  void aFailureIsNotHiddenByTheOldAnswer() {
    Future<String> answer = within(LONG, old());
    renewed.fail("refused");
    assertThatThrownBy(() -> answer.await(10, SECONDS)).hasMessage("refused");
  }

  @Test
  void theOldAnswerIsTakenWhenPatienceIsOver() throws Exception {
    Future<String> answer = within(SHORT, old());
    assertThat(answer.await(10, SECONDS)).isEqualTo("old");
    renewed.complete("new");
    assertThat(answer.result()).as("what comes later changes nothing").isEqualTo("old");
  }

  @Test
  void withoutAnOldAnswerTheNewOneIsWaitedFor() throws Exception {
    Promise<Void> looked = Promise.promise();
    Future<String> answer =
        fallback(LONG)
            .within(
                SHORT,
                renewed.future(),
                () -> {
                  looked.complete();
                  return Future.failedFuture("nothing is here");
                });
    looked.future().await(10, SECONDS);
    assertThat(answer.isComplete()).isFalse();
    renewed.complete("new");
    assertThat(answer.await(10, SECONDS)).isEqualTo("new");
  }

  @Test
  void whatIsKnownAtOnceNeedsNoPatience() {
    renewed.complete("new");
    assertThat(within(SHORT, old()).result()).isEqualTo("new");
  }

  @Test
  void whatComesTooLateForTheClientIsHandedOver() throws Exception {
    List<String> late = new ArrayList<>();
    Promise<Void> handed = Promise.promise();
    Future<String> answer =
        fallback(SHORT)
            .inTime(
                renewed.future(),
                value -> {
                  late.add(value);
                  handed.complete();
                });
    assertThatThrownBy(() -> answer.await(10, SECONDS)).isInstanceOf(TimeoutException.class);
    renewed.complete("new");
    handed.future().await(10, SECONDS);
    assertThat(late).containsExactly("new");
  }

  @Test
  void whatComesInTimeIsTheAnswer() throws Exception {
    Future<String> answer = fallback(LONG).inTime(renewed.future(), value -> {});
    renewed.complete("new");
    assertThat(answer.await(10, SECONDS)).isEqualTo("new");
  }
}
