package dev.breakwater.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.access.LoginResult.Busy;
import dev.breakwater.access.LoginResult.Granted;
import dev.breakwater.access.LoginResult.Limited;
import dev.breakwater.access.LoginResult.Wrong;
import dev.breakwater.registry.Identity;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Checks user names and passwords. A password is compared with its hash once in a while, on one of
 * few threads; after that a look into memory answers. Thread-safe; closed by its owner.
 */
public final class PasswordLogins {
  /*
   * What was found is kept by a keyed hash of name and password, beside the user's hash in the
   * file: an entry counts only while the file has the same hash for that user, so a reload needs to
   * clear nothing. Requests that bring the same while it is being checked wait for that one check.
   *
   * A wrong pair that comes again is no new guess: it is answered from memory and does not count
   * against the limits. Else a host that pulls with an old password would lock out all that share
   * its address.
   *
   * The time that a wrong pair takes is that of the most costly hash in the file, whether the user
   * exists or not, and whatever the user's own hash costs.
   */

  /** For how long a pair that was checked is remembered. */
  static final Duration REMEMBERED = Duration.ofMinutes(5);

  /** How many right, and how many wrong pairs are remembered. */
  static final int MOST_REMEMBERED = 1000;

  /** How many passwords are checked, or wait for it, at once. */
  static final int MOST_WAITING = 64;

  /**
   * What it works on.
   *
   * @param users the users of this moment
   * @param groups the groups that a user is in
   * @param limits how many wrong ones are looked at
   */
  public record Parts(
      Supplier<Htpasswd> users,
      Function<String, java.util.Set<String>> groups,
      LoginLimits limits) {}

  private final Vertx vertx;
  private final Parts parts;
  private final WorkerExecutor workers;
  private final KeyedHash keys = new KeyedHash();
  private final Semaphore places = new Semaphore(MOST_WAITING);
  private final Map<KeyedHash.Value, Future<LoginResult>> running = new ConcurrentHashMap<>();
  private final Cache<KeyedHash.Value, PasswordHash> right;
  private final Cache<KeyedHash.Value, Optional<PasswordHash>> wrong;

  /** Checks nothing yet; {@code nanos} is a monotonic clock. */
  public PasswordLogins(Vertx vertx, Parts parts, LongSupplier nanos) {
    this.vertx = vertx;
    this.parts = parts;
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    workers = vertx.createSharedWorkerExecutor("password-checks", threads);
    right = remembered(nanos);
    wrong = remembered(nanos);
  }

  private static <V> Cache<KeyedHash.Value, V> remembered(LongSupplier nanos) {
    return Caffeine.newBuilder()
        .ticker(nanos::getAsLong)
        .expireAfterWrite(REMEMBERED)
        .maximumSize(MOST_REMEMBERED)
        .build();
  }

  /**
   * Checks a pair.
   *
   * @param client the address or network it comes from
   * @return never fails; completes on the caller's context
   */
  public Future<LoginResult> check(String user, String password, String client) {
    Optional<PasswordHash> hash = parts.users.get().hashOf(user);
    KeyedHash.Value pair = keys.of(user, password);
    if (hash.isPresent() && hash.equals(Optional.ofNullable(right.getIfPresent(pair)))) {
      return Future.succeededFuture(granted(user));
    }
    if (hash.equals(wrong.getIfPresent(pair))) {
      return Future.succeededFuture(new Wrong());
    }
    Promise<LoginResult> mine = Promise.promise();
    Future<LoginResult> other = running.putIfAbsent(pair, mine.future());
    if (other != null) {
      return onCallersContext(other);
    }
    Future<LoginResult> answer = onCallersContext(mine.future());
    mine.future().onComplete(done -> running.remove(pair));
    begin(new Guess(user, password, client, hash, pair), mine);
    return answer;
  }

  private record Guess(
      String user,
      String password,
      String client,
      Optional<PasswordHash> hash,
      KeyedHash.Value pair) {}

  private void begin(Guess guess, Promise<LoginResult> result) {
    if (!places.tryAcquire()) {
      result.complete(new Busy());
      return;
    }
    KeyedHash.Value name = keys.of(guess.user);
    Optional<Duration> wait = parts.limits.take(guess.client, name);
    if (wait.isPresent()) {
      places.release();
      result.complete(new Limited(wait.get()));
      return;
    }
    workers
        .executeBlocking(() -> compare(guess), false)
        .onComplete(
            compared -> {
              places.release();
              if (compared.succeeded() && compared.result()) {
                parts.limits.giveBack(guess.client, name);
                result.complete(granted(guess.user));
              } else {
                result.complete(compared.succeeded() ? new Wrong() : new Busy());
              }
            });
  }

  private boolean compare(Guess guess) {
    byte[] all = guess.password.getBytes(StandardCharsets.UTF_8);
    byte[] password = Arrays.copyOf(all, Math.min(all.length, PasswordHash.LONGEST_PASSWORD));
    boolean matches = guess.hash.isPresent() && guess.hash.get().matches(password);
    if (matches) {
      right.put(guess.pair, guess.hash.get());
    } else {
      int spent = guess.hash.map(PasswordHash::cost).orElse(PasswordHash.MIN_COST);
      PasswordHash.work(password, spent, parts.users.get().highestCost());
      if (guess.hash.isEmpty()) {
        PasswordHash.work(password, PasswordHash.MIN_COST, PasswordHash.MIN_COST + 1);
      }
      wrong.put(guess.pair, guess.hash);
    }
    return matches;
  }

  private Granted granted(String user) {
    return new Granted(new Identity(user, parts.groups.apply(user)));
  }

  private <T> Future<T> onCallersContext(Future<T> shared) {
    Context context = vertx.getOrCreateContext();
    Promise<T> promise = Promise.promise();
    shared.onComplete(done -> context.runOnContext(ran -> promise.handle(done)));
    return promise.future();
  }

  /** Ends the threads; a check under way is not waited for. */
  public Future<Void> close() {
    return workers.close();
  }
}
