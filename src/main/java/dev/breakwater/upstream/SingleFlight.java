package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs at most one flight per key at a time; latecomers share its result, failure included. Each
 * caller's future completes on the context it called from. Thread-safe.
 */
public final class SingleFlight<K, V> {
  private final Vertx vertx;
  private final Runnable joined;
  private final Map<K, Future<V>> flights = new ConcurrentHashMap<>();

  /**
   * Without flights yet.
   *
   * @param joined called for each latecomer
   */
  public SingleFlight(Vertx vertx, Runnable joined) {
    this.vertx = vertx;
    this.joined = joined;
  }

  /**
   * The result of the flight for this key.
   *
   * @param takeOff begins the flight, if none is under way
   * @param coalesced what a latecomer makes of the result, to say that it joined
   */
  public Future<V> join(K key, Supplier<Future<V>> takeOff, Function<V, V> coalesced) {
    Promise<V> landing = Promise.promise();
    Future<V> flight = flights.putIfAbsent(key, landing.future());
    if (flight != null) {
      joined.run();
      return home(flight).map(coalesced);
    }
    // Leave the map before completing, so that a caller woken by a failure may try afresh.
    Future.succeededFuture()
        .compose(ignored -> takeOff.get())
        .onComplete(
            result -> {
              flights.remove(key, landing.future());
              landing.handle(result);
            });
    return home(landing.future());
  }

  /** A promise wakes its listeners on whichever thread completes it: bring them home. */
  private Future<V> home(Future<V> flight) {
    return Future.fromCompletionStage(flight.toCompletionStage(), vertx.getOrCreateContext());
  }
}
