package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NameCacheTest {
  private static final String HOST = "registry.test";

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000);
  private final AtomicInteger lookups = new AtomicInteger();
  private volatile String address = "192.0.2.1";
  private volatile boolean isBroken;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private final NameCache cache = new NameCache(vertx, UpstreamClient.ZONE, this::lookup, now::get);

  @AfterEach
  void close() {
    gate.countDown();
    cache.close();
    await(vertx.close());
  }

  private List<InetAddress> lookup(String host) throws UnknownHostException {
    lookups.incrementAndGet();
    try {
      gate.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (isBroken) {
      throw new UnknownHostException(host);
    }
    return List.of(InetAddress.ofLiteral(address));
  }

  private void skip(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void assertAddress(String expected) {
    assertThat(await(cache.lookup(HOST))).containsExactly(InetAddress.ofLiteral(expected));
  }

  @Test
  void goodAnswerIsUsedForHalfAMinuteAndThenLookedUpAgain() {
    assertAddress("192.0.2.1");
    address = "192.0.2.2";
    skip(NameCache.FRESH.minusNanos(1));
    assertAddress("192.0.2.1");
    assertThat(lookups).hasValue(1);
    skip(Duration.ofNanos(1));
    assertAddress("192.0.2.2");
  }

  @Test
  void failedLookupFallsBackToTheLastGoodAnswerForAnHour() {
    assertAddress("192.0.2.1");
    isBroken = true;
    skip(NameCache.KEPT.minusSeconds(2));
    assertAddress("192.0.2.1");
    skip(Duration.ofSeconds(2));
    assertThat(catchThrowable(() -> await(cache.lookup(HOST))))
        .isInstanceOf(UnknownHostException.class);
    isBroken = false;
    skip(NameCache.FAILED);
    assertAddress("192.0.2.1");
  }

  @Test
  void failureIsNotLookedUpAgainForASecond() {
    isBroken = true;
    for (int i = 0; i < 5; i++) {
      assertThat(catchThrowable(() -> await(cache.lookup(HOST))))
          .isInstanceOf(UnknownHostException.class);
    }
    assertThat(lookups).hasValue(1);
    skip(NameCache.FAILED);
    isBroken = false;
    assertAddress("192.0.2.1");
  }

  @Test
  void manyRequestsForOneNameMakeOneLookup() {
    gate = new CountDownLatch(1);
    List<Future<List<InetAddress>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(cache.lookup(HOST));
    }
    gate.countDown();
    answers.forEach(answer -> assertThat(await(answer)).hasSize(1));
    assertThat(lookups).hasValue(1);
  }

  @Test
  void lookupThatHangsIsNotWaitedForWhenThereIsAnOlderAnswer() {
    assertAddress("192.0.2.1");
    gate = new CountDownLatch(1);
    skip(NameCache.FRESH);
    assertAddress("192.0.2.1");
    skip(NameCache.PATIENCE);
    Future<List<InetAddress>> answer = cache.lookup(HOST);
    assertThat(answer.isComplete()).as("no longer waited for at all").isTrue();
    assertThat(lookups).hasValue(2);
  }

  @Test
  void deadNameServerOfOneRegistryDoesNotDelayAnother() {
    gate = new CountDownLatch(1);
    List<Future<List<InetAddress>>> stuck = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      stuck.add(cache.lookup("name" + i + ".dead.test"));
    }
    try (NameCache other =
        new NameCache(
            vertx,
            new ZoneName("healthy.test"),
            host -> List.of(InetAddress.ofLiteral("192.0.2.9")),
            now::get)) {
      assertThat(await(other.lookup(HOST))).hasSize(1);
    }
    assertThat(stuck).noneMatch(Future::isComplete);
    assertThat(lookups.get()).isLessThanOrEqualTo(NameCache.THREADS);
  }

  @Test
  void lookupsBeyondTheQueueFailAtOnce() {
    gate = new CountDownLatch(1);
    List<Future<List<InetAddress>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(cache.lookup("name" + i + ".dead.test"));
    }
    assertThat(answers.stream().filter(Future::failed)).hasSize(100 - NameCache.THREADS - 64);
  }
}
