package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParseExecutorTest {
  private final Vertx vertx = Vertx.vertx();
  private final ParseExecutor executor = new ParseExecutor(vertx);

  @AfterEach
  void close() {
    executor.close();
    await(vertx.close());
  }

  private Future<Boolean> isOnEventLoop(int size) {
    Promise<Boolean> result = Promise.promise();
    vertx.runOnContext(
        ignored -> executor.run(size, Context::isOnEventLoopThread).onComplete(result));
    return result.future();
  }

  @Test
  void largeDocumentsAreParsedOffTheEventLoop() {
    assertThat(await(isOnEventLoop(ParseExecutor.SMALL))).isTrue();
    assertThat(await(isOnEventLoop(ParseExecutor.SMALL + 1))).isFalse();
  }

  @Test
  void twoLargeDocumentsAreParsedAtATimeForAllRegistries() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    BlockingQueue<Integer> begun = new LinkedBlockingQueue<>();
    List<Future<Boolean>> work = new ArrayList<>();
    try (ParseExecutor other = new ParseExecutor(vertx)) {
      for (int i = 0; i < 6; i++) {
        int number = i;
        work.add(
            (i % 2 == 0 ? executor : other)
                .run(
                    ParseExecutor.SMALL + 1,
                    () -> {
                      begun.add(number);
                      return gate.await(20, TimeUnit.SECONDS);
                    }));
      }
      assertThat(begun.poll(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(begun.poll(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(begun).isEmpty();
      gate.countDown();
      work.forEach(UpstreamClient::await);
      assertThat(begun).hasSize(4);
    }
  }

  @Test
  void whatTheWorkThrowsIsTheFailure() {
    IllegalStateException failure = new IllegalStateException("no");
    for (int size : new int[] {1, ParseExecutor.SMALL + 1}) {
      Future<Object> result =
          executor.run(
              size,
              () -> {
                throw failure;
              });
      assertThat(await(result.recover(Future::succeededFuture))).isSameAs(failure);
    }
  }
}
