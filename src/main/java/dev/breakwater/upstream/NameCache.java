package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the names of one registry, its token servers and redirect targets, on threads of its
 * own: a name server that does not answer delays this registry only. A name is looked up once at a
 * time. A good answer counts for {@link #FRESH}; when a later look-up fails or takes longer than
 * {@link #PATIENCE}, the last good answer is used until it is {@link #KEPT} old. A failure counts
 * for {@link #FAILED}. Thread-safe; results come on the caller's context. Closed by its owner.
 */
final class NameCache implements AutoCloseable {
  static final Duration FRESH = Duration.ofSeconds(30);
  static final Duration KEPT = Duration.ofHours(1);
  static final Duration FAILED = Duration.ofSeconds(1);

  /** How long a look-up is waited for when there is an older answer. */
  static final Duration PATIENCE = Duration.ofMillis(500);

  /** How many look-ups run at a time. */
  static final int THREADS = 4;

  private static final int MAX_WAITING = 64;
  private static final int MAX_NAMES = 1000;
  private static final int MAX_ADDRESSES = 32;
  private static final long IDLE_SECONDS = 10;

  private final Vertx vertx;
  private final NameLookup names;
  private final LongSupplier nanos;
  private final ThreadPoolExecutor threads;
  private final Cache<String, Name> known = Caffeine.newBuilder().maximumSize(MAX_NAMES).build();

  /** For one registry; {@code nanos} is the monotonic clock. */
  NameCache(Vertx vertx, ZoneName zone, NameLookup names, LongSupplier nanos) {
    this.vertx = vertx;
    this.names = names;
    this.nanos = nanos;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().daemon().name("lookup-" + zone + "-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /** All addresses of a name or address literal, never none; fails with what the look-up threw. */
  Future<List<InetAddress>> lookup(String host) {
    Future<List<InetAddress>> answer = known.get(host, Name::new).ask();
    return answer.isComplete()
        ? answer
        : Future.fromCompletionStage(answer.toCompletionStage(), vertx.getOrCreateContext());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** What is known of one name. */
  private final class Name {
    private final String host;

    @GuardedBy("this")
    private List<InetAddress> good = List.of();

    @GuardedBy("this")
    private long goodAt;

    @GuardedBy("this")
    private @Nullable Throwable failure;

    @GuardedBy("this")
    private long failedAt;

    @GuardedBy("this")
    private @Nullable Promise<List<InetAddress>> flight;

    @GuardedBy("this")
    private long begunAt;

    Name(String host) {
      this.host = host;
    }

    Future<List<InetAddress>> ask() {
      @Nullable Promise<List<InetAddress>> begun = null;
      Future<List<InetAddress>> answer;
      List<InetAddress> old;
      long patience;
      synchronized (this) {
        long now = nanos.getAsLong();
        if (isGood(now, FRESH)) {
          return Future.succeededFuture(good);
        }
        old = isGood(now, KEPT) ? good : List.of();
        Throwable before = failure;
        if (before != null && now - failedAt < FAILED.toNanos()) {
          return old.isEmpty() ? Future.failedFuture(before) : Future.succeededFuture(old);
        }
        Promise<List<InetAddress>> running = flight;
        if (running == null) {
          running = Promise.promise();
          begun = running;
          flight = running;
          begunAt = now;
        }
        answer = running.future();
        patience = PATIENCE.toMillis() - TimeUnit.NANOSECONDS.toMillis(now - begunAt);
      }
      if (begun != null) {
        begin(begun);
      }
      return old.isEmpty() || answer.isComplete() ? answer : answerOr(answer, old, patience);
    }

    private Future<List<InetAddress>> answerOr(
        Future<List<InetAddress>> answer, List<InetAddress> old, long patience) {
      if (patience <= 0) {
        return Future.succeededFuture(old);
      }
      Promise<List<InetAddress>> first = Promise.promise();
      long timer = vertx.setTimer(patience, id -> first.tryComplete(old));
      answer.onComplete(
          result -> {
            vertx.cancelTimer(timer);
            first.tryComplete(result.succeeded() ? result.result() : old);
          });
      return first.future();
    }

    private void begin(Promise<List<InetAddress>> promise) {
      try {
        threads.execute(() -> run(promise));
      } catch (RejectedExecutionException e) {
        failed(promise, new UnknownHostException("too many look-ups are waiting"));
      }
    }

    private void run(Promise<List<InetAddress>> promise) {
      List<InetAddress> addresses;
      try {
        addresses = names.lookup(host);
        if (addresses.isEmpty()) {
          throw new UnknownHostException(host);
        }
      } catch (UnknownHostException | RuntimeException e) {
        failed(promise, e);
        return;
      }
      List<InetAddress> some =
          List.copyOf(addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size())));
      synchronized (this) {
        good = some;
        goodAt = nanos.getAsLong();
        failure = null;
        flight = null;
      }
      promise.complete(some);
    }

    private void failed(Promise<List<InetAddress>> promise, Throwable cause) {
      List<InetAddress> old;
      synchronized (this) {
        long now = nanos.getAsLong();
        failure = cause;
        failedAt = now;
        flight = null;
        old = isGood(now, KEPT) ? good : List.of();
      }
      if (old.isEmpty()) {
        promise.fail(cause);
      } else {
        promise.complete(old);
      }
    }

    @GuardedBy("this")
    private boolean isGood(long now, Duration age) {
      return !good.isEmpty() && now - goodAt < age.toNanos();
    }
  }
}
