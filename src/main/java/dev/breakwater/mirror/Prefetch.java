package dev.breakwater.mirror;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.oci.Descriptor;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.storage.BlobStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;

/**
 * Fetches what an image consists of as soon as its manifest is stored: the client will ask for it
 * in a moment, and then it is on its way. Only blobs, which no registry counts as pulls; an index
 * prefetches nothing, so that only those platforms come that a client here asked for. Thread-safe.
 */
public final class Prefetch {
  /*
   * A client's request goes first: it never waits here, for it begins its fill itself, and if a blob
   * is still queued then, the queue finds it under way and passes it over. A prefetch begins only
   * while fewer than RUNNING of them run and the upstream has a free transfer slot, and has a single
   * connection until a client waits for it (FillFetch): so what clients ask for first comes first.
   */

  private static final int RUNNING = 6;
  private static final int QUEUED = 2000;
  private static final long LOOK_AGAIN_MILLIS = 1000;

  private record Wish(Digest digest, BlobSource source, long size) {}

  private final Vertx vertx;
  private final Fills fills;
  private final BlobStore store;
  private final boolean enabled;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<Wish> queue = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Set<Digest> known = new HashSet<>();

  @GuardedBy("lock")
  private int running;

  @GuardedBy("lock")
  private boolean waiting;

  /** Does nothing at all unless enabled. */
  public Prefetch(Vertx vertx, Fills fills, BlobStore store, boolean enabled) {
    this.vertx = vertx;
    this.fills = fills;
    this.store = store;
    this.enabled = enabled;
  }

  /** The repository now has this manifest. */
  void stored(ManifestDocument document, BlobSource source) {
    if (!enabled) {
      return;
    }
    synchronized (lock) {
      for (Descriptor blob : document.blobs()) {
        if (queue.size() < QUEUED && known.add(blob.digest())) {
          queue.add(new Wish(blob.digest(), source, blob.size()));
        }
      }
    }
    advance();
  }

  private void advance() {
    Optional<Wish> next = next();
    while (next.isPresent()) {
      begin(next.get());
      next = next();
    }
  }

  private Optional<Wish> next() {
    synchronized (lock) {
      if (running >= RUNNING) {
        return Optional.empty();
      }
      for (Iterator<Wish> each = queue.iterator(); each.hasNext(); ) {
        Wish wish = each.next();
        if (fills.slotsOf(wish.source().upstream().zone()).hasFree()) {
          each.remove();
          running++;
          return Optional.of(wish);
        }
      }
      if (running == 0 && !queue.isEmpty() && !waiting) {
        // Clients have all the slots, and nobody tells when they are done.
        waiting = true;
        vertx.setTimer(LOOK_AGAIN_MILLIS, timer -> lookAgain());
      }
      return Optional.empty();
    }
  }

  private void lookAgain() {
    synchronized (lock) {
      waiting = false;
    }
    advance();
  }

  /** The upstream may have had no slot for the next one: whoever ends looks again. */
  private void begin(Wish wish) {
    store
        .isStored(wish.digest())
        .compose(
            stored ->
                stored
                    ? Future.<Void>succeededFuture()
                    : fills.prefetch(wish.digest(), wish.source(), wish.size()))
        .onComplete(
            ended -> {
              synchronized (lock) {
                running--;
                known.remove(wish.digest());
              }
              vertx.runOnContext(ignored -> advance());
            });
  }
}
