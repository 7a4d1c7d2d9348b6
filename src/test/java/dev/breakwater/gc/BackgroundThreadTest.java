package dev.breakwater.gc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.metrics.Metrics;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BackgroundThreadTest {
  private static final Duration SHORT = Duration.ofMillis(1);
  private final Metrics metrics = new Metrics("test", List.of());

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void workThatFailsInAnyWayIsBegunAgain() throws Exception {
    List<Throwable> failures =
        List.of(
            new IOException("checked"),
            new DirectoryIteratorException(new IOException("unchecked")),
            new OutOfMemoryError("an error"));
    AtomicInteger tries = new AtomicInteger();
    BackgroundThread thread =
        new BackgroundThread(
            "work",
            SHORT,
            metrics.background(),
            () -> {
              int next = tries.getAndIncrement();
              if (next < failures.size()) {
                sneak(failures.get(next));
              }
            });
    thread.start();
    thread.join();
    assertThat(tries).hasValue(4);
    assertThat(metrics.background().degradation()).isEmpty();
  }

  @Test
  void aFailureIsToldUntilTheWorkSucceedsAgain() throws Exception {
    Exchanger<Optional<String>> told = new Exchanger<>();
    AtomicInteger tries = new AtomicInteger();
    BackgroundThread thread =
        new BackgroundThread(
            "work",
            SHORT,
            metrics.background(),
            () -> {
              if (tries.getAndIncrement() == 0) {
                throw new IOException("no\ndisk");
              }
              Optional<String> _ = told.exchange(metrics.background().degradation());
            });
    thread.start();
    assertThat(told.exchange(Optional.empty(), 10, TimeUnit.SECONDS))
        .contains("work failed and is retried: no\\u000adisk");
    thread.join();
    assertThat(metrics.background().degradation()).isEmpty();
  }

  @Test
  void workThatIsToldToStopIsNotBegunAgain() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicInteger tries = new AtomicInteger();
    BackgroundThread thread =
        new BackgroundThread(
            "work",
            SHORT,
            metrics.background(),
            () -> {
              tries.getAndIncrement();
              begun.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    thread.start();
    begun.await();
    thread.stop();
    assertThat(tries).hasValue(1);
    assertThat(metrics.background().degradation()).isEmpty();
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(Throwable failure) throws E {
    throw (E) failure;
  }
}
