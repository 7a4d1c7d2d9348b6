package dev.breakwater.mirror;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.IndexChange;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.PartFile;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The downloads under way, at most one per digest whatever the zone. Thread-safe. */
public final class Fills {
  private static final Logger log = LoggerFactory.getLogger(Fills.class);

  private final Vertx vertx;
  private final BlobStore store;
  private final CachedIndex index;
  private final Metrics metrics;
  private final Clock clock;
  private final FillSettings settings;
  private final Map<Digest, Future<Fill>> live = new ConcurrentHashMap<>();

  /** No downloads yet. */
  public Fills(Vertx vertx, BlobStore store, CachedIndex index, Metrics metrics, Clock clock) {
    this(vertx, store, index, metrics, clock, FillSettings.DEFAULT);
  }

  Fills(
      Vertx vertx,
      BlobStore store,
      CachedIndex index,
      Metrics metrics,
      Clock clock,
      FillSettings settings) {
    this.vertx = vertx;
    this.store = store;
    this.index = index;
    this.metrics = metrics;
    this.clock = clock;
    this.settings = settings;
  }

  /** Completes when every download that is under way now has ended, well or not. */
  public Future<Void> idle() {
    List<Future<Void>> ends = new ArrayList<>();
    for (Future<Fill> fill : live.values()) {
      ends.add(fill.compose(Fill::ended).otherwiseEmpty());
    }
    return Future.join(ends).mapEmpty();
  }

  /**
   * Stops all downloads, keeping what is here for another start of the server to go on from; to be
   * called before the store is closed, when no more requests come.
   */
  public Future<Void> close() {
    for (Future<Fill> fill : live.values()) {
      fill.onSuccess(Fill::stop);
    }
    return idle();
  }

  /**
   * A follower of a download.
   *
   * @param follower reads its bytes; to be closed
   * @param fill the download
   * @param began whether it was begun for this follower
   */
  record Joined(Follower follower, Fill fill, boolean began) {}

  /** The source of the download of this digest, if one is under way. */
  Optional<BlobSource> sourceOf(Digest digest) {
    Future<Fill> fill = live.get(digest);
    return fill == null || !fill.succeeded()
        ? Optional.empty()
        : Optional.of(fill.result().source());
  }

  /**
   * Joins the download of this digest, beginning it if there is none. Completes on the caller's
   * context once an answer can begin.
   *
   * @param size what the manifest says, or -1
   */
  Future<Joined> join(Digest digest, BlobSource source, long size, Optional<RangeRequest> range) {
    Context home = vertx.getOrCreateContext();
    Promise<Fill> promise = Promise.promise();
    Future<Fill> present = live.putIfAbsent(digest, promise.future());
    boolean begins = present == null;
    if (begins) {
      start(digest, source, size, home, promise);
    } else {
      metrics.coalesced(ContentKind.BLOB);
    }
    Future<Fill> fill = begins ? promise.future() : present;
    return home(fill, home).compose(started -> follow(started, range, begins, home));
  }

  private Future<Joined> follow(
      Fill fill, Optional<RangeRequest> range, boolean began, Context home) {
    Optional<Follower> follower = fill.follow(range);
    if (follower.isEmpty()) {
      // It ended a moment ago; by now the index knows.
      return Future.failedFuture(new FillOver(fill.digest()));
    }
    return home(fill.opened(), home)
        .map(size -> new Joined(follower.get(), fill, began))
        .onFailure(failure -> follower.get().close());
  }

  private void start(
      Digest digest, BlobSource source, long size, Context context, Promise<Fill> promise) {
    String zone = source.upstream().zone().value();
    metrics.downloadBegun(zone);
    promise
        .future()
        .compose(Fill::ended)
        .onComplete(
            result -> {
              metrics.downloadEnded(zone);
              live.remove(digest, promise.future());
              if (result.failed()) {
                log.info("{} was not kept: {}", digest, result.cause().getMessage());
              }
            });
    try {
      store
          .disk()
          .execute(
              () -> {
                try {
                  PartFile part = store.openPart(digest);
                  context.runOnContext(
                      ignored -> promise.complete(begin(digest, source, size, part)));
                } catch (IOException e) {
                  promise.fail(new DiskFailure(digest, e));
                }
              });
    } catch (RejectedExecutionException e) {
      promise.fail(new DiskFailure(digest, new IOException("the server is stopping", e)));
    }
  }

  private Fill begin(Digest digest, BlobSource source, long size, PartFile part) {
    Fill fill =
        new Fill(
            vertx,
            digest,
            source,
            size,
            part,
            store.disk(),
            settings,
            metrics,
            proven -> publish(digest, source, proven));
    fill.begin();
    return fill;
  }

  /** Bytes first, then the index, then nobody needs the fill any more. */
  private Future<Void> publish(Digest digest, BlobSource source, long size) {
    return index.apply(
        List.of(
            new IndexChange.PutBlob(digest, new BlobRecord(size, clock.millis())),
            new IndexChange.PutLink(
                source.upstream().zone(),
                source.repository(),
                digest,
                new LinkRecord(MediaType.OCTET_STREAM, size))));
  }

  private static <T> Future<T> home(Future<T> future, Context home) {
    return Future.fromCompletionStage(future.toCompletionStage(), home);
  }
}
