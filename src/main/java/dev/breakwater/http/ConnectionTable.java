package dev.breakwater.http;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The open connections by client. A new one that is beyond a limit takes the place of another, of
 * the client that has the most: the connection that was idle for the longest time, which costs that
 * client nothing, else an answer that has run for the longest time. So a client with many
 * connections does not keep the others out. Thread-safe.
 */
final class ConnectionTable {
  /** One connection, as the table sees it. */
  interface Place {
    /** Whether no request of it is being answered. */
    boolean isIdle();

    /** When the last answer ended, or the connection was made, by {@link System#nanoTime}. */
    long idleSinceNanos();

    /**
     * Closes it soon, unless an idle one is no longer idle then; on any thread.
     *
     * @return false if it was told so before
     */
    boolean giveUp(boolean evenIfBusy);

    /** Closes it soon, whatever is under way; on any thread. */
    void cut();
  }

  /** What became of a new connection. */
  enum Entry {
    /** There was a place. */
    FREE,
    /** Another connection gives up its place. */
    IN_PLACE_OF_ANOTHER,
    /** There is no place. */
    REFUSED
  }

  private final int limit;
  private final int limitPerClient;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentMap<String, Set<Place>> byClient = new ConcurrentHashMap<>();

  ConnectionTable(ServerSettings.Limits limits) {
    this.limit = limits.connections();
    this.limitPerClient = limits.connectionsPerAddress();
  }

  /** Counts a new connection of one client. Each must {@link #leave}, a refused one too. */
  Entry enter(String client, Place place) {
    return enter(client, place, limitPerClient);
  }

  /** The same for one from a proxy, behind which are many clients: the limit of one is not its. */
  Entry enterFromProxy(String proxy, Place place) {
    return enter(proxy, place, limit);
  }

  private Entry enter(String client, Place place, int limitOfItsOwn) {
    Set<Place> own =
        byClient.compute(
            client,
            (key, before) -> {
              Set<Place> places = before == null ? ConcurrentHashMap.newKeySet(1) : before;
              places.add(place);
              return places;
            });
    int all = open.incrementAndGet();
    if (own.size() > limitOfItsOwn) {
      return replace(own, place, false);
    }
    return all > limit ? replaceAny(own, place) : Entry.FREE;
  }

  /** A connection has closed. */
  void leave(String client, Place place) {
    open.decrementAndGet();
    byClient.computeIfPresent(
        client,
        (key, places) -> {
          places.remove(place);
          return places.isEmpty() ? null : places;
        });
  }

  /** Connections open now. */
  int open() {
    return open.get();
  }

  /** Connections with a request that is being answered now. */
  int busy() {
    int busy = 0;
    for (Set<Place> places : byClient.values()) {
      for (Place place : places) {
        busy += place.isIdle() ? 0 : 1;
      }
    }
    return busy;
  }

  /** Closes all that are open, whatever is under way on them. */
  void cutAll() {
    byClient.values().forEach(places -> places.forEach(Place::cut));
  }

  private Entry replaceAny(Set<Place> own, Place place) {
    Set<Place> most = own;
    for (Set<Place> places : byClient.values()) {
      if (places.size() > most.size()) {
        most = places;
      }
    }
    return replace(most, place, most.size() > own.size());
  }

  private static Entry replace(Set<Place> places, Place newcomer, boolean evenIfBusy) {
    Set<Place> passed = new HashSet<>();
    passed.add(newcomer);
    while (true) {
      Place longest = longest(places, passed, evenIfBusy);
      if (longest == null) {
        return Entry.REFUSED;
      }
      if (longest.giveUp(evenIfBusy)) {
        return Entry.IN_PLACE_OF_ANOTHER;
      }
      passed.add(longest);
    }
  }

  // Loops and no streams: a crowd that is kept out comes back hundreds of times a second.
  private static @Nullable Place longest(Set<Place> places, Set<Place> passed, boolean evenIfBusy) {
    Place idle = null;
    Place busy = null;
    for (Place place : places) {
      if (passed.contains(place)) {
        continue;
      }
      if (place.isIdle()) {
        idle = longer(idle, place);
      } else if (evenIfBusy) {
        busy = longer(busy, place);
      }
    }
    return idle != null ? idle : busy;
  }

  private static Place longer(@Nullable Place one, Place other) {
    return one == null || other.idleSinceNanos() - one.idleSinceNanos() < 0 ? other : one;
  }
}
