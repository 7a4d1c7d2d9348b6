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
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
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
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The downloads under way, at most one per digest whatever the zone. Thread-safe. */
public final class Fills {
  private static final Logger log = LoggerFactory.getLogger(Fills.class);

  private final Vertx vertx;
  private final BlobStore store;
  private final DiskBudget budget;
  private final CachedIndex index;
  private final Metrics metrics;
  private final Clock clock;
  private final int segments;
  private final FillSettings settings;
  private final FillMemory memory;
  private final FillGate gate;
  private final Map<Digest, Entry> live = new ConcurrentHashMap<>();
  private final Map<ZoneName, TransferSlots> slots = new ConcurrentHashMap<>();

  /**
   * No downloads yet.
   *
   * @param segments the most transfers that one blob may be fetched by at once
   */
  public Fills(
      Vertx vertx,
      BlobStore store,
      DiskBudget budget,
      CachedIndex index,
      Metrics metrics,
      Clock clock,
      int segments) {
    this(vertx, store, budget, index, metrics, clock, segments, FillSettings.DEFAULT);
  }

  Fills(
      Vertx vertx,
      BlobStore store,
      DiskBudget budget,
      CachedIndex index,
      Metrics metrics,
      Clock clock,
      int segments,
      FillSettings settings) {
    this.vertx = vertx;
    this.store = store;
    this.budget = budget;
    this.index = index;
    this.metrics = metrics;
    this.clock = clock;
    this.segments = segments;
    this.settings = settings;
    this.memory = new FillMemory(settings.memory());
    this.gate = new FillGate(settings.fills());
    metrics.gauge(
        "downloads_memory_bytes", "Bytes of downloads that are in memory.", memory::bytes);
  }

  /** A download and where it comes from, known before the download itself exists. */
  private record Entry(BlobSource source, Future<Fill> fill) {}

  /** Completes when every download that is under way now has ended, well or not. */
  public Future<Void> idle() {
    List<Future<Void>> ends = new ArrayList<>();
    for (Entry entry : live.values()) {
      ends.add(entry.fill().compose(Fill::ended).otherwiseEmpty());
    }
    return Future.join(ends).mapEmpty();
  }

  /**
   * Stops all downloads, keeping what is here for another start of the server to go on from; to be
   * called before the store is closed, when no more requests come.
   */
  public Future<Void> close() {
    gate.close();
    for (Entry entry : live.values()) {
      entry.fill().onSuccess(Fill::stop);
    }
    return idle();
  }

  /** The downloads under way, for the admin API. */
  public List<LiveFill> list() {
    List<LiveFill> fills = new ArrayList<>();
    for (Entry entry : live.values()) {
      if (entry.fill().succeeded()) {
        fills.add(entry.fill().result().describe());
      }
    }
    return fills;
  }

  /**
   * A follower of a download.
   *
   * @param follower reads its bytes; to be closed
   * @param began whether the download was begun for this follower
   */
  record Joined(Follower follower, boolean began) {}

  /** A fill and the follower it was begun for, if any. */
  private record Begun(Fill fill, @Nullable Follower follower) {}

  /** Whether a download from just there is under way. */
  boolean isLive(Digest digest, BlobSource source) {
    Entry entry = live.get(digest);
    return entry != null && entry.source().equals(source);
  }

  TransferSlots slotsOf(ZoneName zone) {
    return slots.computeIfAbsent(zone, ignored -> new TransferSlots(settings.transfers()));
  }

  /**
   * Joins the download of this digest, beginning it if there is none. Completes on the caller's
   * context once an answer can begin; fails with {@link FillOver} if the caller should look again,
   * and with {@link NotPermitted} if it may not read from the download there is.
   *
   * @param link what the manifest says, or empty if nobody has shown yet that the caller's
   *     repository has the blob: then only a download from that same repository will do
   */
  Future<Joined> join(
      Digest digest, BlobSource source, OptionalLong link, Optional<RangeRequest> range) {
    Context home = vertx.getOrCreateContext();
    Promise<Fill> promise = Promise.promise();
    Entry mine = new Entry(source, promise.future());
    Entry present = live.putIfAbsent(digest, mine);
    if (present == null) {
      watch(digest, mine);
      return start(digest, source, link.orElse(-1), Optional.of(range), home, promise)
          .compose(begun -> joined(begun.follower(), begun.fill(), true, home));
    }
    if (link.isEmpty() && !present.source().equals(source)) {
      return Future.failedFuture(new NotPermitted(digest));
    }
    metrics.coalesced(ContentKind.BLOB);
    return home(present.fill(), home)
        .compose(fill -> follow(fill, source, link, range, home))
        .recover(failure -> passOn(failure, digest, present, source, home));
  }

  /** The failure of a download from elsewhere says nothing of the caller's own source. */
  private Future<Joined> passOn(
      Throwable failure, Digest digest, Entry present, BlobSource source, Context home) {
    if (failure instanceof FillOver || present.source().equals(source)) {
      return Future.failedFuture(failure);
    }
    return home(present.fill(), home)
        .compose(fill -> whenOver(fill, home))
        .recover(over -> Future.failedFuture(new FillOver(digest)));
  }

  private static Future<Joined> whenOver(Fill fill, Context home) {
    return home(fill.ended(), home)
        .otherwiseEmpty()
        .compose(ended -> Future.failedFuture(new FillOver(fill.digest())));
  }

  private Future<Joined> follow(
      Fill fill, BlobSource source, OptionalLong link, Optional<RangeRequest> range, Context home) {
    Optional<Follower> follower = fill.follow(range);
    if (follower.isPresent()) {
      return joined(follower.get(), fill, false, home);
    }
    if (fill.isOver()) {
      // When it has left the table, either the index knows the blob or the next fill does better.
      return whenOver(fill, home);
    }
    // It passes through memory, and what this client needs is gone: it gets a download of its own.
    return start(
            fill.digest(), source, link.orElse(-1), Optional.of(range), home, Promise.promise())
        .compose(begun -> joined(begun.follower(), begun.fill(), true, home));
  }

  private Future<Joined> joined(
      @Nullable Follower follower, Fill fill, boolean began, Context home) {
    if (follower == null) {
      return Future.failedFuture(new FillOver(fill.digest()));
    }
    return home(fill.opened(), home)
        .timeout(settings.answer().toMillis(), TimeUnit.MILLISECONDS)
        .map(size -> new Joined(follower, began))
        .onFailure(failure -> follower.close());
  }

  /**
   * Begins a download that no client asked for yet. Completes when it has ended, whichever way; at
   * once if one is under way.
   */
  Future<Void> prefetch(Digest digest, BlobSource source, long size) {
    Promise<Fill> promise = Promise.promise();
    Entry mine = new Entry(source, promise.future());
    if (live.putIfAbsent(digest, mine) != null) {
      return Future.succeededFuture();
    }
    watch(digest, mine);
    metrics.prefetched(source.upstream().zone().value());
    Context home = vertx.getOrCreateContext();
    return start(digest, source, size, Optional.empty(), home, promise)
        .compose(begun -> home(begun.fill().ended(), home))
        .otherwiseEmpty();
  }

  private void watch(Digest digest, Entry entry) {
    entry
        .fill()
        .compose(Fill::ended)
        .onComplete(
            result -> {
              live.remove(digest, entry);
              if (result.failed() && !(result.cause() instanceof FillOver)) {
                log.info("{} was not kept: {}", digest, result.cause().getMessage());
              }
            });
  }

  /**
   * Begins a download.
   *
   * @param range what the client asked for whom it is begun; empty if there is no client
   * @param entry told of the fill, or why there is none
   */
  private Future<Begun> start(
      Digest digest,
      BlobSource source,
      long size,
      Optional<Optional<RangeRequest>> range,
      Context home,
      Promise<Fill> entry) {
    Promise<Begun> promise = Promise.promise();
    gate.enter(
        () -> onDisk(() -> prepare(digest, source, size, range, home, entry, promise)),
        () -> refuse(new DiskFailure(digest, new IOException("stopping")), entry, promise));
    promise.future().compose(begun -> begun.fill().ended()).onComplete(ended -> gate.leave());
    return home(promise.future(), home);
  }

  private void onDisk(Runnable work) {
    store.disk().execute(work);
  }

  /** On a disk thread. */
  private void prepare(
      Digest digest,
      BlobSource source,
      long size,
      Optional<Optional<RangeRequest>> range,
      Context home,
      Promise<Fill> entry,
      Promise<Begun> promise) {
    try {
      if (store.contains(digest)) {
        // Between the caller's look and ours another fill began and ended.
        refuse(new FillOver(digest), entry, promise);
        return;
      }
      PartFile part = openPart(digest);
      home.runOnContext(
          ignored -> {
            try {
              Begun begun = begin(digest, source, size, part, range);
              entry.complete(begun.fill());
              promise.complete(begun);
            } catch (RuntimeException e) {
              part.close();
              refuse(new DiskFailure(digest, e), entry, promise);
            }
          });
    } catch (IOException | RuntimeException e) {
      refuse(new DiskFailure(digest, e), entry, promise);
    }
  }

  private static void refuse(
      RuntimeException failure, Promise<Fill> entry, Promise<Begun> promise) {
    entry.fail(failure);
    promise.fail(failure);
  }

  /** A disk that cannot even make a file does not stop the pull. */
  private PartFile openPart(Digest digest) throws IOException {
    Optional<PartFile> part = Optional.empty();
    try {
      part = store.openPart(digest);
    } catch (IOException e) {
      log.warn("no part file can be made for {}: {}", digest, e.toString());
    }
    return part.isPresent() ? part.get() : PartFile.refusing(store, digest);
  }

  private Begun begin(
      Digest digest,
      BlobSource source,
      long size,
      PartFile part,
      Optional<Optional<RangeRequest>> range) {
    ZoneName zone = source.upstream().zone();
    Fill fill =
        new Fill(
            vertx,
            digest,
            source,
            size,
            new Fill.Parts(
                part, store.disk(), budget, memory, slotsOf(zone), segments, settings, metrics),
            proven -> publish(digest, source, proven));
    metrics.downloadBegun(zone.value());
    fill.ended().onComplete(ignored -> metrics.downloadEnded(zone.value()));
    Optional<Follower> follower = range.flatMap(fill::follow);
    if (range.isEmpty()) {
      fill.wantForMirror();
    }
    fill.begin();
    return new Begun(fill, follower.orElse(null));
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
