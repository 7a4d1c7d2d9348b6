package dev.breakwater.mirror;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.IndexChange;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.CrashPoint;
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
import java.util.concurrent.TimeoutException;
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
  private final Map<ZoneName, UpstreamHabit> habits = new ConcurrentHashMap<>();

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
    metrics.gauge(
        "downloads_queued", "Downloads that wait for others to end, to begin.", gate::waiting);
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

  /** How long a client that asks now waits for the head of its answer. */
  Patience patience() {
    return Patience.of(settings.answer());
  }

  /**
   * Joins the download of this digest, beginning it if there is none. Completes on the caller's
   * context once an answer can begin; fails with {@link FillOver} if the caller should look again,
   * with {@link NotPermitted} if it may not read from the download there is, and when the client's
   * patience is over.
   *
   * @param link what the manifest says of the size, or empty if nobody has shown yet that the
   *     caller's repository has the blob: then only a download from that same repository will do
   */
  Future<Joined> join(Wanted wanted, BlobSource source, OptionalLong link) {
    Context home = vertx.getOrCreateContext();
    Start start = new Start(wanted.digest(), source, link.orElse(-1), Optional.of(wanted), home);
    Entry present = live.putIfAbsent(wanted.digest(), start.entry);
    if (present == null) {
      watch(wanted.digest(), start.entry);
      return begin(start, wanted);
    }
    if (link.isEmpty() && !present.source().equals(source)) {
      return Future.failedFuture(new NotPermitted(wanted.digest()));
    }
    metrics.coalesced(ContentKind.BLOB);
    return home(present.fill(), home)
        .timeout(wanted.patience().millisLeft(), TimeUnit.MILLISECONDS)
        .compose(fill -> follow(fill, wanted, source, link, home))
        .recover(failure -> passOn(failure, wanted.digest(), present, source, home));
  }

  private Future<Joined> begin(Start start, Wanted wanted) {
    long timer = vertx.setTimer(wanted.patience().millisLeft(), ignored -> gate.giveUp(start));
    gate.enter(start);
    return home(start.begun(), start.home)
        .onComplete(ignored -> vertx.cancelTimer(timer))
        .compose(begun -> joined(begun.follower(), begun.fill(), true, wanted, start.home));
  }

  /** The failure of a download from elsewhere says nothing of the caller's own source. */
  private Future<Joined> passOn(
      Throwable failure, Digest digest, Entry present, BlobSource source, Context home) {
    if (failure instanceof FillOver
        || failure instanceof TimeoutException
        || present.source().equals(source)) {
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
      Fill fill, Wanted wanted, BlobSource source, OptionalLong link, Context home) {
    Optional<Follower> follower = fill.follow(wanted.range());
    if (follower.isPresent()) {
      return joined(follower.get(), fill, false, wanted, home);
    }
    if (fill.isOver()) {
      // When it has left the table, either the index knows the blob or the next fill does better.
      return whenOver(fill, home);
    }
    // It passes through memory, and what this client needs is gone: it gets a download of its own.
    return begin(
        new Start(wanted.digest(), source, link.orElse(-1), Optional.of(wanted), home), wanted);
  }

  private Future<Joined> joined(
      @Nullable Follower follower, Fill fill, boolean began, Wanted wanted, Context home) {
    if (follower == null) {
      return Future.failedFuture(new FillOver(fill.digest()));
    }
    return home(fill.opened(), home)
        .timeout(wanted.patience().millisLeft(), TimeUnit.MILLISECONDS)
        .map(size -> new Joined(follower, began))
        .onFailure(failure -> follower.close());
  }

  /**
   * Begins a download that no client asked for yet. Completes when it has ended, whichever way; at
   * once if one is under way.
   */
  Future<Void> prefetch(Digest digest, BlobSource source, long size) {
    Context home = vertx.getOrCreateContext();
    Start start = new Start(digest, source, size, Optional.empty(), home);
    if (live.putIfAbsent(digest, start.entry) != null) {
      return Future.succeededFuture();
    }
    watch(digest, start.entry);
    metrics.downloads().prefetched(source.upstream().zone().value());
    gate.enter(start);
    return home(start.begun(), home)
        .compose(begun -> home(begun.fill().ended(), home))
        .otherwiseEmpty();
  }

  /** Completes when the download of this digest that is under way has ended; at once if none is. */
  Future<Void> ended(Digest digest) {
    Entry entry = live.get(digest);
    return entry == null
        ? Future.succeededFuture()
        : home(entry.fill().compose(Fill::ended), vertx.getOrCreateContext()).otherwiseEmpty();
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

  /** A download that is to begin, and the promise that it has. */
  private final class Start implements FillGate.Entrant {
    private final Digest digest;
    private final BlobSource source;
    private final long size;
    private final Optional<Wanted> client;
    private final Context home;
    private final Promise<Fill> fill = Promise.promise();
    private final Entry entry;
    private final Promise<Begun> begun = Promise.promise();

    /**
     * Nothing yet.
     *
     * @param client for whom, or empty if the mirror itself wants the blob
     * @param home the context it will use
     */
    Start(Digest digest, BlobSource source, long size, Optional<Wanted> client, Context home) {
      this.digest = digest;
      this.source = source;
      this.size = size;
      this.client = client;
      this.home = home;
      this.entry = new Entry(source, fill.future());
    }

    Future<Begun> begun() {
      return begun.future();
    }

    @Override
    public void begin() {
      begun.future().compose(made -> made.fill().ended()).onComplete(ended -> gate.leave());
      store.disk().execute(this::prepare);
    }

    @Override
    public void refuse(String why) {
      fail(new NoFill(digest, why));
    }

    private void fail(RuntimeException failure) {
      fill.fail(failure);
      begun.fail(failure);
    }

    /** On a disk thread. */
    private void prepare() {
      try {
        if (store.contains(digest)) {
          // Between the caller's look and ours another fill began and ended.
          fail(new FillOver(digest));
          return;
        }
        PartFile part = openPart(digest);
        home.runOnContext(ignored -> make(part));
      } catch (IOException | RuntimeException e) {
        fail(new DiskFailure(digest, e));
      }
    }

    private void make(PartFile part) {
      try {
        Begun made = download(part);
        fill.complete(made.fill());
        begun.complete(made);
      } catch (RuntimeException e) {
        part.close();
        fail(new DiskFailure(digest, e));
      }
    }

    private Begun download(PartFile part) {
      ZoneName zone = source.upstream().zone();
      Fill download =
          new Fill(
              vertx,
              digest,
              source,
              size,
              new FillParts(
                  part,
                  store.disk(),
                  budget,
                  memory,
                  slotsOf(zone),
                  habits.computeIfAbsent(zone, ignored -> new UpstreamHabit(System::nanoTime)),
                  segments,
                  settings,
                  metrics),
              proven -> publish(digest, source, proven));
      metrics.downloads().begun(zone.value());
      download.ended().onComplete(ignored -> metrics.downloads().ended(zone.value()));
      Optional<Follower> follower = client.flatMap(wanted -> download.follow(wanted.range()));
      if (client.isEmpty()) {
        download.wantForMirror();
      }
      download.begin();
      return new Begun(download, follower.orElse(null));
    }
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

  /** Bytes first, then the index, then nobody needs the fill any more. */
  private Future<Void> publish(Digest digest, BlobSource source, long size) {
    CrashPoint.at("publish.beforeIndex");
    return index
        .apply(
            List.of(
                new IndexChange.PutBlob(digest, new BlobRecord(size, clock.millis())),
                new IndexChange.PutLink(
                    source.upstream().zone(),
                    source.repository(),
                    digest,
                    new LinkRecord(MediaType.OCTET_STREAM, size))))
        .onSuccess(published -> CrashPoint.at("publish.afterIndex"));
  }

  private static <T> Future<T> home(Future<T> future, Context home) {
    return Future.fromCompletionStage(future.toCompletionStage(), home);
  }
}
