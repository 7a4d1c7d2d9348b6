package dev.breakwater.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.access.LoginResult.Busy;
import dev.breakwater.access.LoginResult.Granted;
import dev.breakwater.access.LoginResult.Limited;
import dev.breakwater.access.LoginResult.Wrong;
import dev.breakwater.registry.Identity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PasswordLoginsTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong nanos = new AtomicLong();
  private volatile CountDownLatch comparing = new CountDownLatch(0);
  private volatile Htpasswd users = file(Map.of("alice", "right", "bob", "builder"));
  private final PasswordLogins logins =
      new PasswordLogins(
          vertx,
          new PasswordLogins.Parts(
              this::users,
              user -> user.equals("alice") ? Set.of("dev") : Set.of(),
              new LoginLimits(nanos::get)),
          nanos::get);

  private Htpasswd users() {
    if (Thread.currentThread().getName().startsWith("password-checks")) {
      try {
        comparing.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    return users;
  }

  @AfterEach
  void close() throws Exception {
    comparing.countDown();
    logins.close().await(20, TimeUnit.SECONDS);
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private static Htpasswd file(Map<String, String> passwords) {
    StringBuilder text = new StringBuilder();
    passwords.forEach((user, password) -> text.append(Hashes.line(user, password)));
    return Htpasswd.parse(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private LoginResult check(String user, String password, String client) {
    return await(logins.check(user, password, client));
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theRightPasswordGivesTheUserWithItsGroups() {
    assertThat(check("alice", "right", "c"))
        .isEqualTo(new Granted(new Identity("alice", Set.of("dev"))));
  }

  @Test
  void aWrongPasswordAndAnUnknownUserLookTheSame() {
    assertThat(check("alice", "wrong", "c")).isEqualTo(new Wrong());
    assertThat(check("mallory", "wrong", "c")).isEqualTo(new Wrong());
    assertThat(check("alice", "", "c")).isEqualTo(new Wrong());
    assertThat(check("ALICE", "right", "c")).isEqualTo(new Wrong());
  }

  @Test
  void theSecondTimeIsAnsweredWithoutAThread() {
    check("alice", "right", "c");
    check("alice", "wrong", "c");

    assertThat(logins.check("alice", "right", "c").isComplete()).isTrue();
    assertThat(logins.check("alice", "wrong", "c").isComplete()).isTrue();
    nanos.addAndGet(PasswordLogins.REMEMBERED.toNanos());
    assertThat(logins.check("alice", "right", "c").isComplete()).isFalse();
  }

  @Test
  void partsOfNameAndPasswordCannotBeMovedFromOneToTheOther() {
    users = file(Map.of("ab", "cd"));
    check("ab", "cd", "c");

    assertThat(check("a", "bcd", "c")).isEqualTo(new Wrong());
    assertThat(check("abc", "d", "c")).isEqualTo(new Wrong());
  }

  @Test
  void aReloadReplaces() {
    check("alice", "right", "c");
    check("bob", "builder", "c");
    check("alice", "new", "c");

    users = file(Map.of("alice", "new"));

    assertThat(check("alice", "right", "c")).isEqualTo(new Wrong());
    assertThat(check("bob", "builder", "c")).isEqualTo(new Wrong());
    assertThat(check("alice", "new", "c")).isInstanceOf(Granted.class);
  }

  @Test
  void afterSomeWrongPasswordsAClientHasToWait() {
    IntStream.range(0, LoginLimits.AT_ONCE_FROM_CLIENT)
        .forEach(i -> assertThat(check("u" + i, "p", "bad")).isEqualTo(new Wrong()));

    assertThat(check("alice", "right", "bad"))
        .isEqualTo(new Limited(LoginLimits.PAUSE_FROM_CLIENT));
    assertThat(check("alice", "right", "good")).isInstanceOf(Granted.class);
    // What is known to be right needs no look.
    assertThat(check("alice", "right", "bad")).isInstanceOf(Granted.class);

    nanos.addAndGet(LoginLimits.PAUSE_FROM_CLIENT.toNanos());
    assertThat(check("bob", "builder", "bad")).isInstanceOf(Granted.class);
  }

  @Test
  void afterSomeWrongPasswordsAUserHasToWaitWhereverTheyCameFrom() {
    IntStream.range(0, LoginLimits.AT_ONCE_FOR_NAME)
        .forEach(i -> assertThat(check("bob", "p" + i, "c" + i)).isEqualTo(new Wrong()));

    assertThat(check("bob", "builder", "good")).isEqualTo(new Limited(LoginLimits.PAUSE_FOR_NAME));
    assertThat(check("alice", "right", "good")).isInstanceOf(Granted.class);
  }

  @Test
  void anAccountOfTheirOwnDoesNotGiveAnAttackerMoreGuesses() {
    for (int i = 0; i < LoginLimits.AT_ONCE_FROM_CLIENT; i++) {
      check("alice", "guess" + i, "bad");
      users = file(Map.of("alice", "right", "bob", "builder"));
      check("bob", "builder", "bad");
    }

    assertThat(check("alice", "last guess", "bad")).isInstanceOf(Limited.class);
  }

  @Test
  void theSameWrongPasswordAgainIsNoNewGuess() {
    IntStream.range(0, 3 * LoginLimits.AT_ONCE_FROM_CLIENT)
        .forEach(i -> assertThat(check("alice", "old", "c")).isEqualTo(new Wrong()));

    assertThat(check("alice", "right", "c")).isInstanceOf(Granted.class);
  }

  @Test
  void manyGuessesAtTheSameTimeAreNotMoreThanAllowed() {
    List<Future<LoginResult>> guesses = new ArrayList<>();
    IntStream.range(0, 40).forEach(i -> guesses.add(logins.check("alice", "g" + i, "bad")));

    List<LoginResult> results = guesses.stream().map(PasswordLoginsTest::await).toList();
    assertThat(results.stream().filter(Wrong.class::isInstance))
        .hasSize(LoginLimits.AT_ONCE_FROM_CLIENT);
    assertThat(results.stream().filter(Limited.class::isInstance))
        .hasSize(40 - LoginLimits.AT_ONCE_FROM_CLIENT);
  }

  @Test
  void aFloodOfLoginsIsTurnedAwayInsteadOfWaitingForEver() {
    List<Future<LoginResult>> guesses = new ArrayList<>();
    comparing = new CountDownLatch(1);
    IntStream.range(0, PasswordLogins.MOST_WAITING + 5)
        .forEach(i -> guesses.add(logins.check("u" + i, "p", "c" + i)));

    assertThat(
            guesses.subList(PasswordLogins.MOST_WAITING, guesses.size()).stream()
                .map(PasswordLoginsTest::await))
        .containsOnly(new Busy());
  }

  @Test
  void requestsWithTheSamePasswordShareOneCheck() {
    users = file(Map.of("alice", "right"));
    List<Future<LoginResult>> same = new ArrayList<>();
    IntStream.range(0, 2 * PasswordLogins.MOST_WAITING)
        .forEach(i -> same.add(logins.check("alice", "right", "c")));

    assertThat(same.stream().map(PasswordLoginsTest::await)).allMatch(Granted.class::isInstance);
  }

  @Test
  void aLimitTellsWhenItEnds() {
    LoginLimits limits = new LoginLimits(nanos::get);
    KeyedHash keys = new KeyedHash();
    IntStream.range(0, LoginLimits.AT_ONCE_FROM_CLIENT)
        .forEach(i -> assertThat(limits.take("c", keys.of("u" + i))).isEmpty());
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());

    assertThat(limits.take("c", keys.of("u")))
        .contains(LoginLimits.PAUSE_FROM_CLIENT.minusSeconds(2));
  }
}
