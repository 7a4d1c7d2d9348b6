package dev.breakwater.mirror.download;

import dev.breakwater.admin.api.DownloadInfo;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.registry.Region;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * The one upstream download of a digest. It belongs to the mirror and not to the request that began
 * it: clients come and go as {@link Follower}s, and none is tied to another's speed. Thread-safe.
 */
final class Download {
  /*
   * Three parties meet here, and Backpressure holds the first to the pace of the others.
   *
   *   upstream   Attempt, on the download's own context (an event loop): bytes arrive, by one segment
   *              or several, and are put into the GrowingBlob; what breaks is taken up again.
   *   disk       DownloadWriter, one task at a time on the disk threads: hash, write, and at the end
   *              prove and commit.
   *   followers  DownloadFollowers, on their clients' contexts: they find bytes, or wait for them, and
   *              are sent no more than is safe at the state of things.
   *
   * What happens to it is an Event, which DownloadMachine handles on the download's context.
   *
   * The size is a hint until the digest is proven. When it turns out to be another after answers
   * have begun, those answers end short, and the download goes on for later requests.
   *
   * A download leaves the table of downloads (Downloads) only after the blob is in the index, so
   * that a request finds one of the two: the race for which distribution gave up on letting clients
   * join a download (its issue 1006).
   *
   * When the disk has no room or refuses, the bytes pass through memory: upstream keeps the pace of
   * the slowest follower, no client can join that would need bytes that are gone, and the download
   * ends when its last follower leaves. Hash and hold-back work as ever.
   */

  private final DownloadParts parts;
  private final DownloadMachine machine;
  private final DownloadFollowers followers;
  private final long begun = System.nanoTime();

  /**
   * Prepares the download; {@link #begin} starts it. Made on the context it will use.
   *
   * @param hint what the manifest says of the size, or -1
   */
  Download(DownloadParts parts, long hint) {
    this.parts = parts;
    this.machine = new DownloadMachine(parts, hint);
    this.followers = machine.followers();
  }

  /** Starts the download; on the context the download was made on. */
  void begin() {
    machine.begin();
  }

  Digest digest() {
    return parts.digest();
  }

  /** What its clients are told when it fails. */
  RuntimeException refusal(Throwable failure) {
    String subject = "blob " + digest() + " of " + parts.source();
    return parts.shared().owner().refusal(subject, failure);
  }

  /** The blob's size in bytes, or -1 while it is unknown. */
  long size() {
    return machine.size();
  }

  /** Whether it has come to its end: nothing can be joined any more. */
  boolean isOver() {
    return machine.state().isOver();
  }

  /** What the admin API tells of it. */
  DownloadInfo describe() {
    return new DownloadInfo(
        digest().toString(),
        parts.source().zone().value(),
        parts.source().repository().value(),
        size(),
        machine.bytes().total(),
        followers.count(),
        machine.running(),
        machine.unread().isWantedByMirror(),
        !machine.state().isUncached(),
        (System.nanoTime() - begun) / 1e9);
  }

  /**
   * Completes once an answer can begin: upstream sends and the size is known; a small blob must be
   * whole and proven, or take long. Fails if there will be nothing to send. On any thread.
   */
  Future<Long> opened() {
    return machine.opened();
  }

  /** Completes when nothing more comes from upstream, whether the bytes are right or not. */
  Future<Void> received() {
    return machine.received();
  }

  /**
   * Completes when the blob is in store and index and the part file closed, fails if it will not be
   * there. On any thread.
   */
  Future<Void> ended() {
    return machine.ended();
  }

  /** The mirror itself wants the blob, whatever clients do. */
  void wantForMirror() {
    machine.unread().wantForMirror();
  }

  /** Ends the download, keeping its bytes, because the server stops. */
  void stop() {
    machine.post(
        new Event.Stopped(
            new UpstreamException(
                UpstreamOutcome.CANCELLED, "the server stops while it fetches " + digest(), null)));
  }

  /**
   * Another answer that reads from this download; it must be closed. Empty if the download {@link
   * #isOver}, or if it is uncached and what the answer would need is gone.
   */
  Optional<Follower> follow(Optional<RangeRequest> range) {
    boolean first = followers.isEmpty();
    Optional<Follower> joined = followers.join(this, range);
    if (first && joined.isPresent()) {
      machine.post(new Event.Awaited());
    }
    return joined;
  }

  Future<Region> next(Follower follower, long from, long to) {
    machine.readerMoved();
    Future<Region> region = followers.next(follower, from, to);
    if (!region.isComplete()
        && from > machine.bytes().prefix() + parts.settings().segments().near()) {
      machine.run(() -> want(follower, from, to));
    }
    return region;
  }

  private void want(Follower follower, long from, long to) {
    long size = size();
    long end = Math.min(to, follower.provisionalEnd(size, parts.settings().answers().holdBack()));
    if (from < end) {
      // Who reads a whole blob is served by what comes in order.
      machine.want(from, follower.readsToTheEnd(size) ? from + 1 : end);
    }
  }

  void left(Follower follower) {
    followers.leave(follower);
    machine.readerMoved();
    if (followers.isEmpty()) {
      machine.run(machine.unread()::look);
    }
  }

  /** A client's download waits for the place of this one: false if a client reads this too. */
  boolean giveWay() {
    return machine.unread().giveWay();
  }
}
