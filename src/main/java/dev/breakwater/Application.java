package dev.breakwater;

import dev.breakwater.admin.AdminAnswer;
import dev.breakwater.admin.AdminRoute;
import dev.breakwater.admin.AdminServer;
import dev.breakwater.admin.HealthCheck;
import dev.breakwater.config.AccountConfig;
import dev.breakwater.config.CacheConfig;
import dev.breakwater.config.Config;
import dev.breakwater.config.DeletedTags;
import dev.breakwater.config.ListenAddress;
import dev.breakwater.config.ListenerConfig;
import dev.breakwater.config.UpstreamConfig;
import dev.breakwater.gc.Du;
import dev.breakwater.gc.Eviction;
import dev.breakwater.gc.Heat;
import dev.breakwater.gc.Pins;
import dev.breakwater.gc.Reconcile;
import dev.breakwater.gc.Scrub;
import dev.breakwater.gc.ScrubHealer;
import dev.breakwater.gc.ScrubHealing;
import dev.breakwater.gc.ScrubState;
import dev.breakwater.gc.Sweeper;
import dev.breakwater.gc.UsageWriter;
import dev.breakwater.http.RegistryServer;
import dev.breakwater.http.ServerSettings;
import dev.breakwater.index.CacheLimits;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Index;
import dev.breakwater.index.IndexChange;
import dev.breakwater.index.IndexException;
import dev.breakwater.index.OpenedIndex;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.mirror.Fills;
import dev.breakwater.mirror.Freshness;
import dev.breakwater.mirror.NegativeCache;
import dev.breakwater.mirror.Prefetch;
import dev.breakwater.mirror.PullThrough;
import dev.breakwater.mirror.PullThroughRegistry;
import dev.breakwater.mirror.TagTtls;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Zones;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.StorageLayout;
import dev.breakwater.upstream.Credentials;
import dev.breakwater.upstream.HttpUpstreamRegistry;
import dev.breakwater.upstream.OfflineSwitch;
import dev.breakwater.upstream.OfflineUpstream;
import dev.breakwater.upstream.UpstreamSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: makes the parts out of the configuration, knows them all, and closes them
 * in reverse order.
 */
final class Application implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Application.class);
  private static final int INDEX_THREADS = 4;
  private static final long CLOSE_SECONDS = 45;
  private static final Duration RECONCILE_RETRY = Duration.ofMinutes(1);
  private static final Duration SCRUB_EVERY = Duration.ofDays(1);

  private final Config config;
  private final Tuning tuning;
  private final Clock clock;
  private final ClosingStack closing = new ClosingStack();
  private final CountDownLatch terminated = new CountDownLatch(1);
  private final List<RegistryServer> servers = new ArrayList<>();

  private Application(Config config, Tuning tuning) {
    this.config = config;
    this.tuning = tuning;
    this.clock = tuning.clock();
  }

  /** Starts everything, or nothing: after a failure nothing is left open. Blocks. */
  static Application start(Config config) throws StartupException {
    return start(config, Tuning.NORMAL);
  }

  /** As {@link #start(Config)}, with a clock and limits of the caller's choice. */
  static Application start(Config config, Tuning tuning) throws StartupException {
    Application application = new Application(config, tuning);
    try {
      application.open();
      return application;
    } catch (StartupException | RuntimeException e) {
      application.close();
      throw e;
    }
  }

  private void open() throws StartupException {
    DataDirectoryLock lock = DataDirectoryLock.acquire(config.data().directory());
    closing.push("data directory", lock::close);
    Vertx vertx = openVertx();
    Metrics metrics = new Metrics(Version.text(), upstreamNames());
    closing.push("metrics", metrics::close);

    StorageLayout layout = new StorageLayout(config.data().directory());
    BlobStore store = openStore(vertx, layout);
    OpenedIndex opened = openIndex(layout);
    CachedIndex index = new CachedIndex(vertx, opened.index(), CacheLimits.DEFAULT, INDEX_THREADS);
    closing.push("index", () -> await(index.close()));
    // Before anything deletes: what is there is counted once.
    DiskBudget budget = openBudget(store);

    RecentUse recent = new RecentUse();
    Cache cache = new Cache(budget, store, opened.index(), index, recent);
    Sweeper sweeper = keepWithinBounds(metrics, cache);

    Fills fills = new Fills(vertx, store, budget, index, metrics, clock, config.cache().segments());
    closing.push("fills", () -> await(fills.close()));
    PullThrough mirror = mirror(vertx, metrics, store, index, fills, recent);
    OfflineSwitch offline = offlineSwitch();
    List<HttpUpstreamRegistry> upstreams = openUpstreams(vertx, metrics);
    List<PullThroughRegistry> registries =
        upstreams.stream()
            .map(
                upstream -> new PullThroughRegistry(mirror, new OfflineUpstream(upstream, offline)))
            .toList();
    Zones zones = new Zones(registries, config.defaultUpstream());
    Scrub scrub = scrub(lock, metrics, store, opened.index(), index, registries);
    describeDisk(metrics, store, budget, opened.index());
    describeIndex(metrics, opened.index(), index);
    listen(vertx, metrics, zones);
    List<AdminRoute> routes = new ArrayList<>();
    routes.add(new AdminRoute("/api/fills", ignored -> fills(fills)));
    routes.add(new AdminRoute("/api/scrub", ignored -> scrubbing(200, scrub)));
    routes.add(AdminRoute.post("/api/scrub", ignored -> startScrub(scrub)));
    routes.add(new AdminRoute("/api/gc", ignored -> told(sweeper.status())));
    routes.add(AdminRoute.post("/api/gc", parameters -> sweep(sweeper, parameters)));
    routes.add(new AdminRoute("/api/du", ignored -> du(vertx, cache)));
    routes.addAll(new UpstreamPages(upstreams, offline, mirror).routes());
    administer(vertx, metrics, cache, routes);
    // Last, so that it does not hold up the first answers.
    Reconcile reconcile = reconcile(metrics, store, opened, index);
    closing.push("reconcile", reconcile::close);
    sweeper.start(reconcile::isDone);
  }

  /** Epoll, because only it hands files to the socket inside the kernel on all sizes. */
  private Vertx openVertx() {
    VertxOptions options = new VertxOptions().setPreferNativeTransport(true);
    Vertx vertx =
        Transport.EPOLL != null && Transport.EPOLL.available()
            ? Vertx.builder().with(options).withTransport(Transport.EPOLL).build()
            : Vertx.vertx(options.setPreferNativeTransport(false));
    if (!vertx.isNativeTransportEnabled()) {
      log.warn("no epoll on this machine: large answers will cost more CPU");
    }
    closing.push("event loops", () -> await(vertx.close()));
    return vertx;
  }

  private BlobStore openStore(Vertx vertx, StorageLayout layout) throws StartupException {
    try {
      BlobStore store = BlobStore.open(vertx, layout);
      closing.push("blob store", store::close);
      return store;
    } catch (IOException e) {
      throw new StartupException(
          "the data directory "
              + layout.data()
              + " cannot be used ("
              + e.getMessage()
              + "); make it writable or give another one with --data",
          e);
    }
  }

  private static OpenedIndex openIndex(StorageLayout layout) throws StartupException {
    try {
      return RocksIndex.open(layout.index());
    } catch (IndexException e) {
      throw new StartupException("the index cannot be opened: " + e.getMessage(), e);
    }
  }

  private Reconcile reconcile(
      Metrics metrics, BlobStore store, OpenedIndex opened, CachedIndex index) {
    Reconcile.Settings settings =
        new Reconcile.Settings(
            clock,
            RECONCILE_RETRY,
            changes -> index.apply(changes).await(),
            opened.fresh() ? opened.index()::rebuilt : () -> {});
    return Reconcile.start(store, opened.index(), opened.fresh(), settings, metrics);
  }

  /** What keeps the cache within its bounds works with. */
  private record Cache(
      DiskBudget budget, BlobStore store, Index index, CachedIndex cached, RecentUse recent) {
    void apply(List<IndexChange> changes) {
      cached.apply(changes).await();
    }
  }

  private Sweeper keepWithinBounds(Metrics metrics, Cache cache) {
    UsageWriter usage =
        new UsageWriter(cache.recent(), cache.index(), Heat.DEFAULT, UsageWriter.Settings.DEFAULT);
    closing.push("usage", usage::close);
    usage.start();
    Eviction eviction =
        new Eviction(
            new Eviction.Parts(
                cache.budget(),
                cache.store(),
                cache.index(),
                cache::apply,
                cache.recent(),
                usage,
                Heat.DEFAULT,
                Pins.NONE,
                metrics,
                clock));
    closing.push("eviction", eviction::close);
    eviction.start();
    metrics.gauge(
        "cache_oldest_access_age_seconds",
        "How long ago the blob was used that nobody used for longest.",
        () -> eviction.oldestAccess().toMillis() / 1e3);
    Sweeper sweeper =
        new Sweeper(
            new Sweeper.Parts(
                cache.store(),
                cache.index(),
                cache.cached(),
                cache.recent(),
                usage,
                Pins.NONE,
                metrics,
                clock),
            sweeperSettings(config, true),
            eviction::sawOldestUse);
    closing.push("sweeper", sweeper::close);
    return sweeper;
  }

  /** When and how fast the sweeper works, with a server or without one. */
  static Sweeper.Settings sweeperSettings(Config config, boolean rests) {
    return new Sweeper.Settings(
        config.gc().interval(), config.gc().grace(), config.cache().maxIdle(), rests);
  }

  private PullThrough mirror(
      Vertx vertx,
      Metrics metrics,
      BlobStore store,
      CachedIndex index,
      Fills fills,
      RecentUse recent) {
    return new PullThrough(
        vertx,
        index,
        store,
        fills,
        new Prefetch(vertx, fills, store, config.cache().prefetch()),
        recent,
        freshness(),
        new NegativeCache(config.cache().negativeTtl(), tuning.nanos()::getAsLong),
        new PullThrough.Policy(
            tuning.upstreamLimits().answer(), config.cache().deletedTags() == DeletedTags.KEEP),
        metrics);
  }

  /** A pattern goes before a plain time, and the registry's own before that of all. */
  private Freshness freshness() {
    CacheConfig cache = config.cache();
    Map<ZoneName, TagTtls> zones = new HashMap<>();
    config
        .upstreams()
        .forEach(
            (zone, upstream) ->
                zones.put(
                    zone,
                    new TagTtls(
                        upstream.tagTtl().orElse(cache.tagTtl()),
                        Stream.concat(upstream.tagTtls().stream(), cache.tagTtls().stream())
                            .map(ttl -> new TagTtls.Rule(ttl.pattern(), ttl.time()))
                            .toList())));
    return new Freshness(clock, zones, cache.staleWhileRevalidate());
  }

  private OfflineSwitch offlineSwitch() {
    List<ZoneName> zones = new ArrayList<>();
    config
        .upstreams()
        .forEach(
            (zone, upstream) -> {
              if (upstream.offline()) {
                zones.add(zone);
              }
            });
    return new OfflineSwitch(config.cache().offline(), zones);
  }

  private List<HttpUpstreamRegistry> openUpstreams(Vertx vertx, Metrics metrics)
      throws StartupException {
    List<HttpUpstreamRegistry> upstreams = new ArrayList<>();
    for (Map.Entry<ZoneName, UpstreamConfig> entry : config.upstreams().entrySet()) {
      upstreams.add(openUpstream(vertx, metrics, entry.getKey(), entry.getValue()));
    }
    return upstreams;
  }

  private Scrub scrub(
      DataDirectoryLock lock,
      Metrics metrics,
      BlobStore store,
      Index index,
      CachedIndex cached,
      List<PullThroughRegistry> registries) {
    ScrubHealer healer =
        (zone, repository, digest, size) ->
            registries.stream()
                .filter(registry -> registry.zone().equals(zone))
                .findFirst()
                .map(registry -> registry.refetch(repository, digest, size))
                .orElse(Future.succeededFuture(false));
    ScrubHealing healing =
        ScrubHealing.start(store, index, changes -> cached.apply(changes).await(), healer, metrics);
    closing.push("healing", healing::close);
    Scrub scrub =
        Scrub.start(
            store,
            healing,
            scrubState(lock, store.layout()),
            new Scrub.Settings(config.scrub().rate().bytesPerSecond(), SCRUB_EVERY, clock),
            metrics);
    closing.push("scrub", scrub::close);
    return scrub;
  }

  /**
   * After a crash everything is doubted, until it has been read, however many starts that takes.
   */
  private ScrubState scrubState(DataDirectoryLock lock, StorageLayout layout) {
    try {
      ScrubState kept = ScrubState.read(layout);
      if (!lock.isAfterCrash()) {
        return kept;
      }
      log.info(
          "the last process did not end in an orderly way: blobs are hashed before they leave");
      ScrubState doubting = kept.doubting(clock.millis());
      doubting.write(layout);
      lock.settled();
      return doubting;
    } catch (IOException e) {
      log.warn("how far the scrubber has come cannot be read or kept: {}", e.toString());
      return ScrubState.doubtingAll(clock.millis());
    }
  }

  private HttpUpstreamRegistry openUpstream(
      Vertx vertx, Metrics metrics, ZoneName zone, UpstreamConfig upstream)
      throws StartupException {
    try {
      HttpUpstreamRegistry registry =
          new HttpUpstreamRegistry(vertx, settings(zone, upstream), metrics, tuning.nanos());
      closing.push("upstream " + zone, registry::close);
      return registry;
    } catch (IllegalArgumentException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private UpstreamSettings settings(ZoneName zone, UpstreamConfig upstream) {
    List<Credentials> accounts = new ArrayList<>();
    for (AccountConfig account : upstream.accounts()) {
      accounts.add(new Credentials(account.username(), account.password().reveal()));
    }
    return new UpstreamSettings(
        zone,
        upstream.url(),
        upstream.mirrors(),
        accounts,
        upstream.ca(),
        upstream.proxy(),
        upstream.realms(),
        tuning.upstreamLimits());
  }

  private List<String> upstreamNames() {
    return config.upstreams().keySet().stream().map(ZoneName::value).toList();
  }

  private DiskBudget openBudget(BlobStore store) throws StartupException {
    try {
      long volume = store.volumeBytes();
      DiskBudget budget =
          DiskBudget.ofEverything(
              config.cache().maxSize().bytesOf(volume),
              config.cache().minFree().bytesOf(volume),
              store.bytesOnDisk(),
              store::usableBytes,
              store::otherBytes);
      store.whenFreed(budget::freed);
      return budget;
    } catch (IOException e) {
      throw new StartupException(
          "the size of the cache in "
              + config.data().directory()
              + " cannot be told ("
              + e.getMessage()
              + "); check the disk",
          e);
    }
  }

  private static void describeDisk(
      Metrics metrics, BlobStore store, DiskBudget budget, RocksIndex index) {
    metrics.gauge(
        "cache_bytes",
        "Bytes of everything in the data directory, reservations included.",
        budget::used);
    metrics.gauge(
        "cache_content_bytes",
        "Bytes of blobs and downloads, in whole blocks, reservations included.",
        budget::content);
    metrics.gauge("cache_limit_bytes", "What cache_bytes never exceeds.", budget::limit);
    metrics.gauge(
        "filesystem_avail_bytes",
        "Free bytes of the volume that the data directory is on.",
        () -> bytes(store::usableBytes));
    metrics.gauge(
        "filesystem_size_bytes",
        "All bytes of the volume that the data directory is on.",
        () -> bytes(store::volumeBytes));
    metrics.gauge(
        "index_writable",
        "Whether the index takes writes (1) or the disk refuses them (0).",
        () -> index.writable() ? 1 : 0);
  }

  private static void describeIndex(Metrics metrics, RocksIndex index, CachedIndex cached) {
    metrics.gauge(
        "cache_objects",
        "About how many objects the cache holds.",
        "kind",
        Map.of("blob", index::estimatedBlobs, "manifest", index::estimatedManifests));
    metrics.gauge(
        "rocksdb_memory_bytes", "Memory of the index outside the Java heap.", index::memoryBytes);
    metrics.gauge("rocksdb_table_bytes", "Table files of the index.", index::tableBytes);
    cached.caches().forEach(metrics::watch);
  }

  private interface DiskQuestion {
    long ask() throws IOException;
  }

  private static double bytes(DiskQuestion question) {
    try {
      return question.ask();
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  private void listen(Vertx vertx, Metrics metrics, Zones zones) throws StartupException {
    for (ListenerConfig listener : config.listeners()) {
      ListenAddress address = listener.address();
      RegistryServer server =
          new RegistryServer(
              vertx, ServerSettings.of(address.host(), address.port()), zones, metrics);
      bind("the registry", address, "--listen", server.start());
      closing.push("listener " + address, () -> await(server.close()));
      servers.add(server);
    }
    metrics.gauge(
        "connections",
        "Connections that clients have open.",
        () -> servers.stream().mapToInt(RegistryServer::openConnections).sum());
  }

  private void administer(Vertx vertx, Metrics metrics, Cache cache, List<AdminRoute> routes)
      throws StartupException {
    ListenAddress address = config.admin().address();
    HealthCheck eventLoops =
        new HealthCheck(
            "event loops",
            () -> Future.all(servers.stream().map(RegistryServer::alive).toList()).mapEmpty());
    // Not whether they can be written: a full disk slows pulls down and does not stop them, so such
    // a mirror stays in rotation.
    HealthCheck indexReads =
        new HealthCheck(
            "index", () -> cache.cached().blob(Digest.ofSha256(new byte[0])).mapEmpty());
    HealthCheck storeReads = new HealthCheck("blob store", cache.store()::check);
    AdminServer admin =
        new AdminServer(
            vertx,
            new AdminServer.Settings(
                address.host(),
                address.port(),
                List.of(eventLoops),
                List.of(eventLoops, indexReads, storeReads),
                List.of(),
                routes),
            metrics);
    bind("the admin listener", address, "--admin", admin.start());
    closing.push("admin listener", () -> await(admin.close()));
  }

  private static Future<AdminAnswer> told(Sweeper.Status status) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("running", status.running().orElse(0L));
    status.last().ifPresent(report -> document.put("last", report));
    return Future.succeededFuture(AdminAnswer.json(200, document));
  }

  private static Future<AdminAnswer> sweep(Sweeper sweeper, Map<String, String> parameters) {
    boolean dryRun = !parameters.getOrDefault("dryRun", "false").equals("false");
    return Future.succeededFuture(
        AdminAnswer.json(202, Map.of("id", sweeper.request(dryRun), "dryRun", dryRun)));
  }

  private static Future<AdminAnswer> du(Vertx vertx, Cache cache) {
    return vertx
        .executeBlocking(() -> Du.of(cache.index()), false)
        .map(du -> AdminAnswer.json(200, Objects.requireNonNull(du)));
  }

  private static Future<AdminAnswer> fills(Fills fills) {
    return Future.succeededFuture(AdminAnswer.json(200, Map.of("fills", fills.list())));
  }

  private static Future<AdminAnswer> scrubbing(int status, Scrub scrub) {
    return Future.succeededFuture(AdminAnswer.json(status, scrub.status()));
  }

  private static Future<AdminAnswer> startScrub(Scrub scrub) {
    return scrub.request() ? scrubbing(202, scrub) : scrubbing(409, scrub);
  }

  private static void bind(String what, ListenAddress address, String flag, Future<Integer> start)
      throws StartupException {
    start.otherwiseEmpty().await();
    if (start.failed()) {
      throw new StartupException(
          what
              + " cannot listen on "
              + address
              + " ("
              + start.cause().getMessage()
              + "); free it or choose another address with "
              + flag,
          start.cause());
    }
  }

  private static void await(Future<Void> future) throws TimeoutException {
    future.await(CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  /** Blocks until {@link #close()} has done its work. */
  void awaitTermination() throws InterruptedException {
    terminated.await();
  }

  /** Stops everything and blocks until it has stopped; idempotent, from any thread. */
  @Override
  public synchronized void close() {
    closing.close();
    terminated.countDown();
  }
}
