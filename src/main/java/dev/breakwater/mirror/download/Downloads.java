package dev.breakwater.mirror.download;

import dev.breakwater.admin.api.DownloadInfo;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The downloads under way, at most one per digest whatever the zone. Only where an uncached one has
 * given up bytes that a new client needs, a second one takes its place in the table. Thread-safe.
 */
public final class Downloads {
  private static final Logger log = LoggerFactory.getLogger(Downloads.class);

  private final Vertx vertx;
  private final Metrics metrics;
  private final DownloadSettings settings;
  private final DownloadFactory maker;
  private final DownloadLimiter gate;

  /** What may be joined. */
  private final Map<Digest, PendingDownload> live = new ConcurrentHashMap<>();

  /** Those of the table and those that others have taken the place of. */
  private final Set<PendingDownload> running = ConcurrentHashMap.newKeySet();

  /**
   * What downloads work with.
   *
   * @param owner learns of what has come
   * @param segments the most transfers that one blob may be fetched by at once
   */
  public record Parts(
      Vertx vertx,
      BlobStore store,
      DiskBudget budget,
      Owner owner,
      Metrics metrics,
      int segments) {}

  /** What downloads ask of the mirror that they belong to. Thread-safe. */
  public interface Owner {
    /**
     * Makes a blob that is in the store known to the index; called on an event loop. Completes on
     * any thread.
     *
     * @param size of the blob in bytes, proven
     */
    Future<Void> publish(Digest digest, BlobSource source, long size);

    /** What a client is told when its blob, which the subject names, does not come to its end. */
    RuntimeException refusal(String subject, Throwable failure);
  }

  /**
   * What a client wants of a blob.
   *
   * @param range what of it, or empty for all
   * @param untilNanos by {@link System#nanoTime}, until when the answer must have begun
   */
  public record Wanted(Digest digest, Optional<RangeRequest> range, long untilNanos) {
    /** What is left of the time, for timers: at least 1. */
    long millisLeft() {
      return Math.max(1, TimeUnit.NANOSECONDS.toMillis(untilNanos - System.nanoTime()));
    }
  }

  /** No downloads yet. */
  public Downloads(Parts parts) {
    this(parts, DownloadSettings.DEFAULT);
  }

  /** With other numbers than usual. */
  public Downloads(Parts parts, DownloadSettings settings) {
    this.vertx = parts.vertx();
    this.metrics = parts.metrics();
    this.settings = settings;
    this.gate = new DownloadLimiter(settings.limits().downloads());
    this.maker = new DownloadFactory(parts, settings, gate);
    metrics.gauge(
        "downloads_queued", "Downloads that wait for others to end, to begin.", gate::waiting);
  }

  /** Completes when every download that is under way now has ended, well or not. */
  public Future<Void> idle() {
    List<Future<Void>> ends = new ArrayList<>();
    for (PendingDownload each : running) {
      ends.add(each.download().compose(Download::ended).otherwiseEmpty());
    }
    return Future.join(ends).mapEmpty();
  }

  /**
   * Stops all downloads, keeping what is here for another start of the server to go on from; to be
   * called before the store is closed, when no more requests come.
   */
  public Future<Void> close() {
    gate.close();
    for (PendingDownload each : running) {
      each.download().onSuccess(Download::stop);
    }
    return idle();
  }

  /** The downloads under way, for the admin API. */
  public List<DownloadInfo> list() {
    List<DownloadInfo> downloads = new ArrayList<>();
    for (PendingDownload each : running) {
      if (each.download().succeeded()) {
        downloads.add(each.download().result().describe());
      }
    }
    return downloads;
  }

  /**
   * A follower of a download.
   *
   * @param follower reads its bytes; to be closed
   * @param caused whether this is the first client of the download, even if a prefetch began it
   */
  public record Joined(BlobBody follower, boolean caused) {}

  /** Whether a download from just there is under way. */
  public boolean isLive(Digest digest, BlobSource source) {
    PendingDownload download = live.get(digest);
    return download != null && download.source().equals(source);
  }

  /** Whether a transfer that no client waits for may begin from there. */
  public boolean hasFreeTransfer(ZoneName zone) {
    return maker.slotsOf(zone).hasFree();
  }

  SegmentHistory historyOf(ZoneName zone) {
    return maker.historyOf(zone);
  }

  /** What a client wants that asks now: {@link DownloadSettings.Answers#longest} is its time. */
  public Wanted wanted(Digest digest, Optional<RangeRequest> range) {
    return new Wanted(digest, range, System.nanoTime() + settings.answers().longest().toNanos());
  }

  /**
   * Joins the download of this digest, beginning it if there is none. Completes on the caller's
   * context once an answer can begin; fails with {@link DownloadException} if the caller should
   * look again or may not read from the download there is, and when the client's patience is over.
   *
   * @param link what the manifest says of the size, or empty if it is not yet proven that the
   *     caller's repository has the blob: then only a download from that same repository will do
   */
  public Future<Joined> join(Wanted wanted, BlobSource source, OptionalLong link) {
    Context home = vertx.getOrCreateContext();
    PendingDownload mine = pending(wanted, source, link, home);
    PendingDownload present = live.putIfAbsent(wanted.digest(), mine);
    if (present == null) {
      return begin(mine, wanted);
    }
    if (link.isEmpty() && !present.source().equals(source)) {
      return Future.failedFuture(DownloadException.notPermitted(wanted.digest()));
    }
    boolean caused = present.clientWaits();
    if (!caused) {
      metrics.coalesced(ContentKind.BLOB);
    }
    return home(present.download(), home)
        .timeout(wanted.millisLeft(), TimeUnit.MILLISECONDS)
        .compose(download -> follow(download, present, wanted, source, link, home))
        .map(joined -> caused ? new Joined(joined.follower(), true) : joined)
        .recover(failure -> passOn(failure, wanted.digest(), present, source, home));
  }

  private PendingDownload pending(
      Wanted wanted, BlobSource source, OptionalLong link, Context home) {
    return new PendingDownload(
        maker, gate, wanted.digest(), source, link.orElse(-1), Optional.of(wanted), home);
  }

  private Future<Joined> begin(PendingDownload start, Wanted wanted) {
    watch(wanted.digest(), start);
    long timer = vertx.setTimer(wanted.millisLeft(), ignored -> gate.giveUp(start));
    gate.enter(start);
    return home(start.begun(), start.home())
        .onComplete(ignored -> vertx.cancelTimer(timer))
        .compose(begun -> joined(begun.follower(), begun.download(), true, wanted, start.home()));
  }

  /** The failure of a download from elsewhere says nothing of the caller's own source. */
  private Future<Joined> passOn(
      Throwable failure, Digest digest, PendingDownload present, BlobSource source, Context home) {
    if (isEnded(failure)
        || failure instanceof TimeoutException
        || present.source().equals(source)) {
      return Future.failedFuture(failure);
    }
    return home(present.download(), home)
        .compose(download -> whenOver(download, home))
        .recover(over -> Future.failedFuture(DownloadException.ended(digest)));
  }

  private static boolean isEnded(Throwable failure) {
    return DownloadException.isBecause(failure, DownloadException.Reason.ENDED);
  }

  private static Future<Joined> whenOver(Download download, Context home) {
    return home(download.ended(), home)
        .otherwiseEmpty()
        .compose(ended -> Future.failedFuture(DownloadException.ended(download.digest())));
  }

  private Future<Joined> follow(
      Download download,
      PendingDownload present,
      Wanted wanted,
      BlobSource source,
      OptionalLong link,
      Context home) {
    Optional<Follower> follower = download.follow(wanted.range());
    if (follower.isPresent()) {
      return joined(follower.get(), download, false, wanted, home);
    }
    if (download.isOver()) {
      // When it has left the table, either the index knows the blob or the next download does
      // better.
      return whenOver(download, home);
    }
    // It passes through memory, and what this client needs is gone: another one takes its place.
    PendingDownload another = pending(wanted, source, link, home);
    return live.replace(wanted.digest(), present, another)
        ? begin(another, wanted)
        : join(wanted, source, link);
  }

  private Future<Joined> joined(
      @Nullable Follower follower, Download download, boolean caused, Wanted wanted, Context home) {
    if (follower == null) {
      return Future.failedFuture(DownloadException.ended(download.digest()));
    }
    return home(download.opened(), home)
        .timeout(wanted.millisLeft(), TimeUnit.MILLISECONDS)
        .map(size -> new Joined(follower, caused))
        .onFailure(failure -> follower.close());
  }

  /**
   * Begins a download that no client asked for yet. Completes when it has ended, whichever way; at
   * once if one is under way.
   */
  public Future<Void> prefetch(Digest digest, BlobSource source, long size) {
    Context home = vertx.getOrCreateContext();
    PendingDownload start =
        new PendingDownload(maker, gate, digest, source, size, Optional.empty(), home);
    if (live.putIfAbsent(digest, start) != null) {
      return Future.succeededFuture();
    }
    watch(digest, start);
    metrics.downloads().prefetched(source.zone().value());
    gate.enter(start);
    return home(start.begun(), home)
        .compose(begun -> home(begun.download().ended(), home))
        .otherwiseEmpty();
  }

  /** Ends the download of this digest, keeping its bytes, unless a client waits for it. */
  public void stopUnread(Digest digest) {
    PendingDownload present = live.get(digest);
    if (present != null && !present.isForClient()) {
      gate.giveUp(present);
      present.download().onSuccess(Download::giveWay);
    }
  }

  /** Completes when the download of this digest that is under way has ended; at once if none is. */
  public Future<Void> ended(Digest digest) {
    PendingDownload present = live.get(digest);
    return present == null
        ? Future.succeededFuture()
        : home(present.download().compose(Download::ended), vertx.getOrCreateContext())
            .otherwiseEmpty();
  }

  private void watch(Digest digest, PendingDownload start) {
    running.add(start);
    start
        .download()
        .compose(Download::ended)
        .onComplete(
            result -> {
              live.remove(digest, start);
              running.remove(start);
              if (result.failed() && !isEnded(result.cause())) {
                // A client's request has its own line, which says why it failed.
                log.atLevel(start.isForClient() ? Level.DEBUG : Level.INFO)
                    .log("the download of {} failed: {}", digest, result.cause().getMessage());
              }
            });
  }

  private static <T> Future<T> home(Future<T> future, Context home) {
    return Future.fromCompletionStage(future.toCompletionStage(), home);
  }
}
