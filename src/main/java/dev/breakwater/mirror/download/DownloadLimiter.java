package dev.breakwater.mirror.download;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lets so many downloads run at once, in all and from each upstream; the others wait, those that a
 * client asked for before all others, and each kind in order. Thread-safe.
 */
final class DownloadLimiter {
  /*
   * One upstream may have SHARE of all places and is sure of SURE of them even when all are taken:
   * so a registry that keeps its downloads for hours holds up its own clients at the most. When a
   * client's download finds no place, one that no client reads gives up its own.
   */

  /** A download that wants to begin. */
  interface Entrant {
    /** Where it comes from. */
    ZoneName zone();

    /** Whether a client waits for it. */
    boolean isForClient();

    /** It begins; {@link DownloadLimiter#leave} is called when it is over. */
    void begin();

    /** It never will. */
    void refuse(String why);

    /** It has begun, and is to end if no client reads it; false if one does. */
    boolean giveWay();
  }

  private static final String STOPPING = "the server stops";
  private static final double SHARE = 0.75;
  private static final int SURE_PART = 16;

  private final int most;
  private final int mostOfOne;
  private final int sure;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<Entrant> clients = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Deque<Entrant> others = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Set<Entrant> inside = new LinkedHashSet<>();

  @GuardedBy("lock")
  private final Map<ZoneName, Integer> insideOf = new HashMap<>();

  @GuardedBy("lock")
  private boolean closed;

  DownloadLimiter(int most) {
    this.most = most;
    this.mostOfOne = Math.max(1, (int) (most * SHARE));
    this.sure = most / SURE_PART;
  }

  /** Begins now, or when another download has left. */
  void enter(Entrant entrant) {
    Runnable next;
    synchronized (lock) {
      if (closed) {
        next = () -> entrant.refuse(STOPPING);
      } else if (hasPlace(entrant.zone())) {
        admit(entrant);
        next = entrant::begin;
      } else {
        (entrant.isForClient() ? clients : others).add(entrant);
        next = () -> makeWayFor(entrant);
      }
    }
    next.run();
  }

  /** A client waits for it by now; of no effect unless it waits to begin. */
  void clientWaits(Entrant entrant) {
    synchronized (lock) {
      if (!others.remove(entrant)) {
        return;
      }
      clients.add(entrant);
    }
    makeWayFor(entrant);
  }

  @GuardedBy("lock")
  private boolean hasPlace(ZoneName zone) {
    int taken = insideOf.getOrDefault(zone, 0);
    return taken < sure || (inside.size() < most && taken < mostOfOne);
  }

  @GuardedBy("lock")
  private void admit(Entrant entrant) {
    inside.add(entrant);
    insideOf.merge(entrant.zone(), 1, Integer::sum);
  }

  /** One that no client reads, and whose place would do. */
  private void makeWayFor(Entrant waiting) {
    if (!waiting.isForClient()) {
      return;
    }
    List<Entrant> inTheWay = new ArrayList<>();
    synchronized (lock) {
      boolean zoneIsFull = insideOf.getOrDefault(waiting.zone(), 0) >= mostOfOne;
      for (Entrant one : inside) {
        if (!zoneIsFull || one.zone().equals(waiting.zone())) {
          inTheWay.add(one);
        }
      }
    }
    for (Entrant one : inTheWay) {
      if (one.giveWay()) {
        return;
      }
    }
  }

  /** Whether a client's download waits that a place of this zone's would help. */
  boolean isAwaited(ZoneName zone) {
    synchronized (lock) {
      for (Entrant waiting : clients) {
        boolean ofThisZone = waiting.zone().equals(zone);
        if (ofThisZone || insideOf.getOrDefault(waiting.zone(), 0) < mostOfOne) {
          return true;
        }
      }
      return false;
    }
  }

  /** Waits no longer, if it still waits: then it is refused. */
  void giveUp(Entrant entrant) {
    boolean waited;
    synchronized (lock) {
      waited = clients.remove(entrant) || others.remove(entrant);
    }
    if (waited) {
      entrant.refuse(most + " downloads are under way, which is the most at once; ask again");
    }
  }

  /** How many wait. */
  int waiting() {
    synchronized (lock) {
      return clients.size() + others.size();
    }
  }

  /** A download that has begun is over. */
  void leave(Entrant entrant) {
    Optional<Entrant> next = Optional.empty();
    synchronized (lock) {
      if (inside.remove(entrant)) {
        insideOf.merge(entrant.zone(), -1, Integer::sum);
        next = next(clients);
        if (next.isEmpty()) {
          next = next(others);
        }
        if (next.isPresent()) {
          admit(next.get());
        }
      }
    }
    next.ifPresent(Entrant::begin);
  }

  @GuardedBy("lock")
  private Optional<Entrant> next(Deque<Entrant> waiting) {
    for (Iterator<Entrant> each = waiting.iterator(); each.hasNext(); ) {
      Entrant one = each.next();
      if (hasPlace(one.zone())) {
        each.remove();
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }

  /** Admits no more from now on. */
  void close() {
    List<Entrant> refused;
    synchronized (lock) {
      closed = true;
      refused = new ArrayList<>(clients);
      refused.addAll(others);
      clients.clear();
      others.clear();
    }
    refused.forEach(one -> one.refuse(STOPPING));
  }
}
