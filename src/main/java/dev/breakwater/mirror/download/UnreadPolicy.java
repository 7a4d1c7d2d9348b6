package dev.breakwater.mirror.download;

import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.OptionalLong;
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

  /** The pace is measured over this part of the time allowed. */
  private static final int LOOKS = 20;

  private final DownloadMachine machine;
  private final DownloadParts parts;
  private final Vertx vertx;
  private final Duration allowed;
  private final AtomicBoolean givingWay = new AtomicBoolean();
  private volatile boolean wantedByMirror;
  private OptionalLong timer = OptionalLong.empty();
  private long lookedAt;
  private long receivedThen;

  UnreadPolicy(DownloadMachine machine, DownloadParts parts) {
    this.machine = machine;
    this.parts = parts;
    this.vertx = parts.shared().vertx();
    this.allowed = parts.settings().unread().longest();
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
    if (wantedByMirror && machine.followers().isEmpty()) {
      watch();
    }
  }

  /** No client reads, and the download goes on as long as it is fast enough. */
  void watch() {
    if (timer.isEmpty()) {
      lookedAt = System.nanoTime();
      receivedThen = machine.bytes().total();
      long period = Math.max(1, allowed.dividedBy(LOOKS).toMillis());
      timer = OptionalLong.of(vertx.setPeriodic(period, ignored -> measure()));
    }
  }

  /** A client reads, or nothing more comes. */
  void end() {
    timer.ifPresent(vertx::cancelTimer);
    timer = OptionalLong.empty();
  }

  /** Gives up if the rest, at least one byte while the size is unknown, would take too long. */
  private void measure() {
    long now = System.nanoTime();
    long received = machine.bytes().total();
    long missing = machine.size() < 0 ? 1 : machine.size() - received;
    double seconds = (now - lookedAt) / 1e9;
    long came = received - receivedThen;
    lookedAt = now;
    receivedThen = received;
    if (missing * seconds > came * (allowed.toNanos() / 1e9)) {
      end();
      tooSlow();
    }
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
    return machine.state() instanceof State.Fetching && machine.followers().isEmpty();
  }

  private void tooSlow() {
    if (isUnread()) {
      log.info(
          "download {} stopped: it is slow and no client reads it; its bytes are kept",
          parts.digest());
      abandon();
    }
  }

  private void abandon() {
    parts.shared().metrics().downloads().abandoned();
    machine.on(new Event.Abandoned(everyClientLeft()));
  }

  private UpstreamException everyClientLeft() {
    return new UpstreamException(
        UpstreamOutcome.CANCELLED, "every client of " + parts.digest() + " has left", null);
  }
}
