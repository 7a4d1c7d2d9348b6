package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a login is fetched, and what is used meanwhile. */
class RenewedCredentialsTest {
  private static final Duration MAX_AGE = Duration.ofMinutes(10);
  private static final Credentials OLD = new Credentials("alice", "old-s3cret");
  private static final Credentials NEW = new Credentials("alice", "new-s3cret");

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicReference<Optional<Credentials>> outside =
      new AtomicReference<>(Optional.of(OLD));
  private volatile String failure = "";
  private final RenewedCredentials login =
      new RenewedCredentials(vertx, "ghcr.io", "test-helper", renew -> load(), MAX_AGE, now::get);

  private Optional<Credentials> load() throws CredentialException {
    loads.incrementAndGet();
    if (!failure.isEmpty()) {
      throw new CredentialException(failure);
    }
    return outside.get();
  }

  @AfterEach
  void close() {
    login.close();
    await(vertx.close());
  }

  private void skip(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private Optional<Credentials> get() {
    return await(login.get());
  }

  private void awaitLoads(int count) {
    Eventually.until(count + " loads", () -> loads.get() == count);
  }

  private String failureOfGet() {
    Throwable thrown = catchThrowable(this::get);
    assertThat(thrown).isInstanceOf(CredentialException.class);
    return String.valueOf(thrown.getMessage());
  }

  @Test
  void loginIsFetchedOnceForAllThatWaitForIt() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    try (RenewedCredentials slow =
        new RenewedCredentials(
            vertx,
            "ghcr.io",
            "slow",
            renew -> {
              runs.incrementAndGet();
              try {
                gate.await();
              } catch (InterruptedException e) {
                throw new CredentialException("interrupted");
              }
              return Optional.of(OLD);
            },
            MAX_AGE,
            now::get)) {
      List<Future<Optional<Credentials>>> all = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        all.add(slow.get());
      }
      gate.countDown();
      for (Future<Optional<Credentials>> one : all) {
        assertThat(await(one)).contains(OLD);
      }
      assertThat(await(slow.get())).contains(OLD);
      assertThat(runs).hasValue(1);
    }
  }

  @Test
  void oldLoginIsGivenAtOnceAndReplacedBesides() {
    get();
    skip(MAX_AGE.minusSeconds(1));
    get();
    assertThat(loads).hasValue(1);
    outside.set(Optional.of(NEW));
    skip(Duration.ofSeconds(1));
    assertThat(login.get().isComplete()).as("nothing is waited for").isTrue();
    Eventually.until("the new one is here", () -> get().equals(Optional.of(NEW)));
    assertThat(loads).hasValue(2);
  }

  @Test
  void loginThatCannotBeRenewedIsUsedOnAndAskedForEveryHalfMinute() {
    get();
    failure = "no answer today";
    skip(MAX_AGE);
    try (CapturedLog log = CapturedLog.of(RenewedCredentials.class)) {
      assertThat(get()).contains(OLD);
      awaitLoads(2);
      Eventually.until("the failure is logged", () -> !log.lines().isEmpty());
      for (int i = 0; i < 10; i++) {
        assertThat(get()).contains(OLD);
      }
      assertThat(loads).hasValue(2);
      skip(Duration.ofSeconds(30));
      Eventually.until(
          "it is fetched again",
          () -> {
            assertThat(get()).contains(OLD);
            return loads.get() == 3;
          });
      failure = "";
      outside.set(Optional.of(NEW));
      // Only now is the failure before over for sure.
      Eventually.until(
          "the new one is here",
          () -> {
            skip(Duration.ofSeconds(30));
            return get().equals(Optional.of(NEW));
          });
      assertThat(log.lines())
          .containsExactly(
              "WARN [ghcr.io] the login of test-helper cannot be renewed, the one of 600 s ago is"
                  + " used on: no answer today",
              "INFO [ghcr.io] the login of test-helper can be fetched again");
    }
  }

  @Test
  void loginThatNeverCameIsAFailureForHalfAMinute() {
    failure = "no answer today";
    for (int i = 0; i < 10; i++) {
      assertThat(failureOfGet()).isEqualTo("no answer today");
    }
    assertThat(loads).as("it is not fetched for each call").hasValue(1);
    failure = "";
    skip(Duration.ofSeconds(30));
    assertThat(get()).contains(OLD);
  }

  @Test
  void refusedLoginIsFetchedAnewAtOnce() {
    get();
    skip(Duration.ofMinutes(1));
    outside.set(Optional.of(NEW));
    assertThat(login.isOutdated(OLD)).isFalse();
    assertThat(login.refused(OLD)).isTrue();
    assertThat(login.isOutdated(OLD)).isTrue();
    assertThat(get()).contains(NEW);
    assertThat(login.isOutdated(OLD)).isTrue();
    assertThat(login.isOutdated(NEW)).isFalse();
    assertThat(login.refused(OLD)).as("another call with the old one").isTrue();
    assertThat(get()).contains(NEW);
    assertThat(loads).hasValue(2);
  }

  @Test
  void refusedLoginThatComesAgainIsAFailureOnceAndThenTriedAgain() {
    get();
    skip(Duration.ofMinutes(1));
    assertThat(login.refused(OLD)).isTrue();
    assertThat(failureOfGet())
        .isEqualTo("the registry refuses it, and fetching it again brings the same; log in anew");
    assertThat(get()).contains(OLD);
    assertThat(login.refused(OLD)).as("it is wrong, and not fetched again for a time").isFalse();
    skip(Duration.ofSeconds(30));
    assertThat(login.refused(OLD)).isTrue();
  }

  @Test
  void newLoginThatIsRefusedIsWrongAndNotFetchedAgain() {
    get();
    assertThat(login.refused(OLD)).isFalse();
    skip(Duration.ofMinutes(1));
    outside.set(Optional.of(NEW));
    assertThat(login.refused(OLD)).isTrue();
    assertThat(get()).contains(NEW);
    assertThat(login.refused(NEW)).isFalse();
    assertThat(login.isOutdated(NEW)).isFalse();
  }

  @Test
  void refusedLoginIsNotUsedOnWhileFetchingFails() {
    get();
    skip(Duration.ofMinutes(1));
    assertThat(login.refused(OLD)).isTrue();
    failure = "no answer today";
    assertThat(failureOfGet()).isEqualTo("no answer today");
    failure = "";
    outside.set(Optional.of(NEW));
    skip(Duration.ofSeconds(30));
    assertThat(get()).contains(NEW);
  }

  @Test
  void loginThatIsGoneIsAnonymous() {
    get();
    outside.set(Optional.empty());
    skip(MAX_AGE);
    try (CapturedLog log = CapturedLog.of(RenewedCredentials.class)) {
      get();
      Eventually.until("it is gone", () -> get().isEmpty());
      assertThat(log.lines())
          .containsExactly(
              "WARN [ghcr.io] there is no login of test-helper any more: requests are anonymous");
    }
  }

  @Test
  void fetchingThatBeganBeforeTheRefusalIsNoAnswerToIt() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    try (RenewedCredentials slow =
        new RenewedCredentials(
            vertx,
            "ghcr.io",
            "slow",
            renew -> {
              if (runs.incrementAndGet() == 2) {
                begun.countDown();
                try {
                  gate.await();
                } catch (InterruptedException e) {
                  throw new CredentialException("interrupted");
                }
              }
              return Optional.of(renew ? NEW : OLD);
            },
            MAX_AGE,
            now::get)) {
      assertThat(await(slow.get())).contains(OLD);
      skip(MAX_AGE);
      assertThat(await(slow.get())).contains(OLD);
      begun.await();
      assertThat(slow.refused(OLD)).isTrue();
      Future<Optional<Credentials>> waiting = slow.get();
      gate.countDown();
      await(waiting);
      assertThat(slow.isOutdated(OLD)).as("the call that was refused tries again").isTrue();
      assertThat(await(slow.get())).contains(NEW);
    }
  }
}
