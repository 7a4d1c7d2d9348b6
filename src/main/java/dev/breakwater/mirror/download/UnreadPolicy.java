package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a download goes on that no client reads. On the download's context, but for
 * {@link #giveWay}.
 */
final class UnreadPolicy {
  /*
   * What is nearly complete, or has come a good part of the way, is kept for the next client; the
   * rest is stopped, and the bytes are kept for a later download to go on from (the policy of
   * docs/findings.md#clients-that-leave). What is not cached is of no use to a later client.
   */

  private static final Logger log = LoggerFactory.getLogger(UnreadPolicy.class);

  private final Digest digest;
  private final DownloadMachine machine;
  private final DownloadParts parts;
  private final IdleWatch idle;
  private final AtomicBoolean givingWay = new AtomicBoolean();
  private volatile boolean wantedByMirror;

  UnreadPolicy(Vertx vertx, Digest digest, DownloadMachine machine, DownloadParts parts) {
    this.digest = digest;
    this.machine = machine;
    this.parts = parts;
    this.idle =
        new IdleWatch(
            vertx,
            parts.settings().unread().longest(),
            () -> machine.bytes().total(),
            () -> machine.size() < 0 ? 1 : machine.size() - machine.bytes().total(),
            this::tooSlow);
  }

  /** The mirror itself wants the blob, whatever clients do. */
  void wantForMirror() {
    wantedByMirror = true;
  }

  boolean isWantedByMirror() {
    return wantedByMirror;
  }

  /** The download begins. */
  void begin() {
    if (wantedByMirror && !machine.followers().any()) {
      idle.begin();
    }
  }

  /** No client reads, and the download goes on as long as it is fast enough. */
  void watch() {
    idle.begin();
  }

  /** A client reads, or nothing more comes. */
  void end() {
    idle.end();
  }

  /** A client may have left. */
  void look() {
    if (machine.state().isUncached()) {
      if (machine.followers().closeIfEmpty()) {
        machine.on(new Event.Abandoned(everyClientLeft()));
      }
    } else if (isUnread()) {
      if (isWorthIt() && !parts.crowded().getAsBoolean()) {
        machine.on(new Event.Unread());
      } else {
        abandon();
      }
    }
  }

  private boolean isWorthIt() {
    return wantedByMirror
        || parts.settings().unread().isWorthFinishing(machine.size(), machine.bytes().total());
  }

  /** The blob is larger than its manifest says: false if a client waits for it all the same. */
  boolean refusesMore() {
    if (!wantedByMirror || !isUnread()) {
      return false;
    }
    abandon();
    return true;
  }

  /** A client's download waits for the place of this one: false if a client reads this too. */
  boolean giveWay() {
    if (!isUnread() || !givingWay.compareAndSet(false, true)) {
      return false;
    }
    machine.run(
        () -> {
          if (isUnread()) {
            abandon();
          }
          givingWay.set(false);
        });
    return true;
  }

  private boolean isUnread() {
    return machine.state() instanceof State.Fetching && !machine.followers().any();
  }

  private void tooSlow() {
    if (isUnread()) {
      log.info(
          "download {} stopped: it is slow and no client reads it; its bytes are kept", digest);
      abandon();
    }
  }

  private void abandon() {
    parts.metrics().downloads().abandoned();
    machine.on(new Event.Abandoned(everyClientLeft()));
  }

  private UpstreamException everyClientLeft() {
    return new UpstreamException(
        UpstreamOutcome.CANCELLED, "every client of " + digest + " has left", null);
  }
}
