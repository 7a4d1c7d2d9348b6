package dev.breakwater.mirror.download;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
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
  private final Map<Digest, Entry> live = new ConcurrentHashMap<>();

  /** Those of the table and those that others have taken the place of. */
  private final Set<Entry> running = ConcurrentHashMap.newKeySet();

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
      DownloadOwner owner,
      Metrics metrics,
      int segments) {}

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

  /** A download and where it comes from, known before the download itself exists. */
  private record Entry(BlobSource source, PendingDownload start) {
    Future<Download> download() {
      return start.download();
    }
  }

  /** Completes when every download that is under way now has ended, well or not. */
  public Future<Void> idle() {
    List<Future<Void>> ends = new ArrayList<>();
    for (Entry entry : running) {
      ends.add(entry.download().compose(Download::ended).otherwiseEmpty());
    }
    return Future.join(ends).mapEmpty();
  }

  /**
   * Stops all downloads, keeping what is here for another start of the server to go on from; to be
   * called before the store is closed, when no more requests come.
   */
  public Future<Void> close() {
    gate.close();
    for (Entry entry : running) {
      entry.download().onSuccess(Download::stop);
    }
    return idle();
  }

  /** The downloads under way, for the admin API. */
  public List<LiveDownload> list() {
    List<LiveDownload> downloads = new ArrayList<>();
    for (Entry entry : running) {
      if (entry.download().succeeded()) {
        downloads.add(entry.download().result().describe());
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
    Entry entry = live.get(digest);
    return entry != null && entry.source().equals(source);
  }

  /** How many downloads wait to begin. */
  public int waiting() {
    return gate.waiting();
  }

  /** Whether a transfer that no client waits for may begin from there. */
  public boolean hasFreeTransfer(ZoneName zone) {
    return maker.slotsOf(zone).hasFree();
  }

  SegmentHistory historyOf(ZoneName zone) {
    return maker.historyOf(zone);
  }

  /** Until when a client that asks now waits for the head of its answer. */
  public AnswerDeadline answerDeadline() {
    return AnswerDeadline.of(settings.answers().longest());
  }

  /**
   * Joins the download of this digest, beginning it if there is none. Completes on the caller's
   * context once an answer can begin; fails with {@link DownloadEndedException} if the caller
   * should look again, with {@link NotPermittedException} if it may not read from the download
   * there is, and when the client's patience is over.
   *
   * @param link what the manifest says of the size, or empty if it is not yet proven that the
   *     caller's repository has the blob: then only a download from that same repository will do
   */
  public Future<Joined> join(Wanted wanted, BlobSource source, OptionalLong link) {
    Context home = vertx.getOrCreateContext();
    Entry entry = entry(wanted, source, link, home);
    Entry present = live.putIfAbsent(wanted.digest(), entry);
    if (present == null) {
      return begin(entry, wanted);
    }
    if (link.isEmpty() && !present.source().equals(source)) {
      return Future.failedFuture(new NotPermittedException(wanted.digest()));
    }
    boolean caused = present.start().clientWaits();
    if (!caused) {
      metrics.coalesced(ContentKind.BLOB);
    }
    return home(present.download(), home)
        .timeout(wanted.deadline().millisLeft(), TimeUnit.MILLISECONDS)
        .compose(download -> follow(download, present, wanted, source, link, home))
        .map(joined -> caused ? new Joined(joined.follower(), true) : joined)
        .recover(failure -> passOn(failure, wanted.digest(), present, source, home));
  }

  private Entry entry(Wanted wanted, BlobSource source, OptionalLong link, Context home) {
    PendingDownload start =
        new PendingDownload(
            maker, gate, wanted.digest(), source, link.orElse(-1), Optional.of(wanted), home);
    return new Entry(source, start);
  }

  private Future<Joined> begin(Entry entry, Wanted wanted) {
    watch(wanted.digest(), entry);
    PendingDownload start = entry.start();
    long timer = vertx.setTimer(wanted.deadline().millisLeft(), ignored -> gate.giveUp(start));
    gate.enter(start);
    return home(start.begun(), start.home())
        .onComplete(ignored -> vertx.cancelTimer(timer))
        .compose(begun -> joined(begun.follower(), begun.download(), true, wanted, start.home()));
  }

  /** The failure of a download from elsewhere says nothing of the caller's own source. */
  private Future<Joined> passOn(
      Throwable failure, Digest digest, Entry present, BlobSource source, Context home) {
    if (failure instanceof DownloadEndedException
        || failure instanceof TimeoutException
        || present.source().equals(source)) {
      return Future.failedFuture(failure);
    }
    return home(present.download(), home)
        .compose(download -> whenOver(download, home))
        .recover(over -> Future.failedFuture(new DownloadEndedException(digest)));
  }

  private static Future<Joined> whenOver(Download download, Context home) {
    return home(download.ended(), home)
        .otherwiseEmpty()
        .compose(ended -> Future.failedFuture(new DownloadEndedException(download.digest())));
  }

  private Future<Joined> follow(
      Download download,
      Entry present,
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
    Entry entry = entry(wanted, source, link, home);
    return live.replace(wanted.digest(), present, entry)
        ? begin(entry, wanted)
        : join(wanted, source, link);
  }

  private Future<Joined> joined(
      @Nullable Follower follower, Download download, boolean caused, Wanted wanted, Context home) {
    if (follower == null) {
      return Future.failedFuture(new DownloadEndedException(download.digest()));
    }
    return home(download.opened(), home)
        .timeout(wanted.deadline().millisLeft(), TimeUnit.MILLISECONDS)
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
    Entry entry = new Entry(source, start);
    if (live.putIfAbsent(digest, entry) != null) {
      return Future.succeededFuture();
    }
    watch(digest, entry);
    metrics.downloads().prefetched(source.zone().value());
    gate.enter(start);
    return home(start.begun(), home)
        .compose(begun -> home(begun.download().ended(), home))
        .otherwiseEmpty();
  }

  /** Ends the download of this digest, keeping its bytes, unless a client waits for it. */
  public void stopUnread(Digest digest) {
    Entry entry = live.get(digest);
    if (entry != null && !entry.start().isForClient()) {
      gate.giveUp(entry.start());
      entry.download().onSuccess(Download::giveWay);
    }
  }

  /** Completes when the download of this digest that is under way has ended; at once if none is. */
  public Future<Void> ended(Digest digest) {
    Entry entry = live.get(digest);
    return entry == null
        ? Future.succeededFuture()
        : home(entry.download().compose(Download::ended), vertx.getOrCreateContext())
            .otherwiseEmpty();
  }

  private void watch(Digest digest, Entry entry) {
    running.add(entry);
    entry
        .download()
        .compose(Download::ended)
        .onComplete(
            result -> {
              live.remove(digest, entry);
              running.remove(entry);
              if (result.failed() && !(result.cause() instanceof DownloadEndedException)) {
                // A client's request has its own line, which says why it failed.
                log.atLevel(entry.start().isForClient() ? Level.DEBUG : Level.INFO)
                    .log("the download of {} failed: {}", digest, result.cause().getMessage());
              }
            });
  }

  private static <T> Future<T> home(Future<T> future, Context home) {
    return Future.fromCompletionStage(future.toCompletionStage(), home);
  }
}
