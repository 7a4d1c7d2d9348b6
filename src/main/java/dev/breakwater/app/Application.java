package dev.breakwater.app;

import dev.breakwater.access.AccessControl;
import dev.breakwater.admin.AdminRoute;
import dev.breakwater.admin.AdminServer;
import dev.breakwater.admin.CacheAdminApi;
import dev.breakwater.admin.HealthCheck;
import dev.breakwater.admin.UpstreamAdminApi;
import dev.breakwater.config.Config;
import dev.breakwater.config.DeletedTags;
import dev.breakwater.config.ListenAddress;
import dev.breakwater.config.ListenerConfig;
import dev.breakwater.gc.Scrub;
import dev.breakwater.gc.ScrubHealer;
import dev.breakwater.http.RegistryServer;
import dev.breakwater.http.RequestClient;
import dev.breakwater.http.ServerSettings;
import dev.breakwater.index.Tables;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.mirror.MirroredBlobs;
import dev.breakwater.mirror.NegativeCache;
import dev.breakwater.mirror.Prefetch;
import dev.breakwater.mirror.PullThrough;
import dev.breakwater.mirror.PullThroughRegistry;
import dev.breakwater.mirror.download.Downloads;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Zones;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: makes the parts out of the configuration, knows them all, and closes them
 * in reverse order.
 */
public final class Application implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Application.class);

  private final Config config;
  private final TestOverrides overrides;
  private final Map<String, String> environment;
  private final Clock clock;
  private final ClosingStack closing = new ClosingStack();
  private final CountDownLatch terminated = new CountDownLatch(1);
  private final List<RegistryServer> servers = new ArrayList<>();
  private final List<ListenerConfig> bound = new ArrayList<>();
  private @Nullable AdminServer admin;
  private @Nullable StartReport started;

  private Application(Config config, TestOverrides overrides, Map<String, String> environment) {
    this.config = config;
    this.overrides = overrides;
    this.environment = environment;
    this.clock = overrides.clock();
  }

  /**
   * Starts everything, or nothing: after a failure nothing is left open. Blocks.
   *
   * @param environment the variables that may name proxies
   */
  public static Application start(Config config, Map<String, String> environment)
      throws StartupException {
    return start(config, TestOverrides.NORMAL, environment);
  }

  /** With a clock and limits of the caller's choice, and an empty environment. */
  static Application start(Config config, TestOverrides overrides) throws StartupException {
    return start(config, overrides, Map.of());
  }

  private static Application start(
      Config config, TestOverrides overrides, Map<String, String> environment)
      throws StartupException {
    Application application = new Application(config, overrides, environment);
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
    OldGeneration.collectInTime(vertx);
    Metrics metrics = new Metrics(Version.text(), upstreamNames());
    closing.push("metrics", metrics::close);

    DataDirectoryWatch watch =
        DataDirectoryWatch.of(
            config.data().directory(), new StorageLayout(config.data().directory()).writeCheck());
    watch.start(vertx);
    CacheGauges.directory(metrics, watch);
    ServedCache cache = new ServedCache(config, clock, vertx, metrics, closing);
    DiskPressureWatch pressure =
        new DiskPressureWatch(config.data().directory(), cache.budget()::standing);
    pressure.start(vertx);
    CacheGauges.pressure(metrics, pressure);
    Downloads downloads =
        new Downloads(
            new Downloads.Parts(
                vertx,
                cache.store(),
                cache.budget(),
                new MirroredBlobs(cache.index(), clock),
                metrics,
                config.cache().segments()));
    closing.pushAwaited("downloads", downloads::close);
    Upstreams upstreams = Upstreams.open(config, environment, overrides, vertx, metrics, closing);
    PullThrough mirror = mirror(vertx, metrics, cache, downloads);
    List<PullThroughRegistry> registries = upstreams.through(mirror);
    Scrub scrub = cache.startScrub(lock, healer(registries));
    AccessControl clients = ClientAccess.open(config, vertx, overrides, closing);
    listen(vertx, metrics, new Zones(registries, config.defaultUpstream()), clients);
    List<AdminRoute> routes = new ArrayList<>();
    routes.addAll(
        new CacheAdminApi(new ServedCacheOperations(vertx, cache, downloads, scrub)).routes());
    routes.addAll(new UpstreamAdminApi(upstreams.operations(mirror)).routes());
    // Whether the disk can be written, and has space, are only details, as is what an operator has
    // switched off: such a mirror slows pulls down and does not stop them, so it stays in rotation.
    List<HealthCheck> details =
        List.of(
            HealthCheck.detail("data directory", watch::degradation),
            HealthCheck.detail("disk space", pressure::degradation),
            HealthCheck.detail("upstreams", upstreams::offline),
            HealthCheck.detail("background threads", metrics.background()::degradation));
    OperatorAccess access = OperatorAccess.of(config.admin());
    ListenAddress operators = administer(vertx, metrics, cache, details, routes, access);
    lock.answersAt(operators, access.localToken());
    started =
        new StartReport(
            List.copyOf(bound),
            operators,
            config.data().directory(),
            cache.budget().used(),
            cache.effectiveLimit(),
            cache.isNew());
    started.log();
    // Last, so that it does not hold up the first answers.
    cache.startReconcile();
  }

  /** Epoll, because only it hands files to the socket inside the kernel on all sizes. */
  private Vertx openVertx() {
    VertxOptions options = new VertxOptions().setPreferNativeTransport(true);
    Vertx vertx =
        Transport.EPOLL != null && Transport.EPOLL.available()
            ? Vertx.builder().with(options).withTransport(Transport.EPOLL).build()
            : Vertx.vertx(options.setPreferNativeTransport(false));
    if (!vertx.isNativeTransportEnabled()) {
      log.warn("epoll is not available on this machine: large answers cost more CPU");
    }
    closing.pushAwaited("event loops", vertx::close);
    // Early, so that it is closed late: operators see the whole stop.
    closing.pushAwaited("admin listener", this::closeAdmin);
    return vertx;
  }

  private PullThrough mirror(Vertx vertx, Metrics metrics, ServedCache cache, Downloads downloads) {
    Prefetch prefetch =
        new Prefetch(
            vertx,
            downloads,
            cache.store(),
            Prefetch.Settings.of(config.cache().prefetch(), cache.budget().limit()));
    NegativeCache absent =
        new NegativeCache(
            config.cache().negativeTtl(), overrides.nanos()::getAsLong, RequestClient::current);
    return new PullThrough(
        vertx,
        new PullThrough.Content(cache.index(), cache.recent(), cache.store()),
        new PullThrough.Fetching(downloads, prefetch, absent),
        Upstreams.freshness(config, clock),
        new PullThrough.Policy(
            overrides.upstreamLimits().answer(), config.cache().deletedTags() == DeletedTags.KEEP),
        metrics);
  }

  /** By the registry that the repository belongs to. */
  private static ScrubHealer healer(List<PullThroughRegistry> registries) {
    return (zone, repository, digest, size) ->
        registries.stream()
            .filter(registry -> registry.zone().equals(zone))
            .findFirst()
            .map(registry -> registry.refetch(repository, digest, size))
            .orElse(Future.succeededFuture(false));
  }

  private List<String> upstreamNames() {
    return config.upstreams().keySet().stream().map(ZoneName::value).toList();
  }

  private void listen(Vertx vertx, Metrics metrics, Zones zones, AccessControl access)
      throws StartupException {
    Map<String, DoubleSupplier> expiries = new LinkedHashMap<>();
    for (ListenerConfig listener : config.listeners()) {
      ListenAddress address = listener.address();
      Optional<ServerSettings.Tls> tls = ListenerTls.open(vertx, listener, closing);
      RegistryServer server =
          new RegistryServer(
              vertx, ServerSettings.of(forHttp(listener, tls)), zones, metrics, access);
      ListenAddress real = bind("the registry", address, "--listen", server.start());
      closing.pushAwaited("listener " + real, server::close);
      servers.add(server);
      bound.add(listener.at(real));
      tls.map(ServerSettings.Tls::certificates)
          .ifPresent(
              certificates ->
                  expiries.put(real.toString(), () -> certificates.firstExpiry().getEpochSecond()));
    }
    if (!expiries.isEmpty()) {
      metrics.gauge(
          "certificate_expiry_timestamp_seconds",
          "When the first certificate of a TLS listener expires, in Unix time.",
          "listener",
          expiries);
    }
    metrics.gauge(
        "connections",
        "Connections that clients have open.",
        () -> servers.stream().mapToInt(RegistryServer::openConnections).sum());
  }

  private static ServerSettings.Listener forHttp(
      ListenerConfig listener, Optional<ServerSettings.Tls> tls) {
    ServerSettings.Face face =
        switch (listener.face()) {
          case MIRROR -> ServerSettings.Face.MIRROR;
          case REGISTRY -> ServerSettings.Face.REGISTRY;
          case BOTH -> ServerSettings.Face.BOTH;
        };
    return new ServerSettings.Listener(
        listener.address().host(),
        listener.address().port(),
        face,
        tls,
        listener.trustedProxies().isEmpty()
            ? ServerSettings.NO_PROXIES
            : address -> listener.trustedProxies().stream().anyMatch(r -> r.contains(address)));
  }

  private ListenAddress administer(
      Vertx vertx,
      Metrics metrics,
      ServedCache cache,
      List<HealthCheck> details,
      List<AdminRoute> routes,
      OperatorAccess access)
      throws StartupException {
    ListenAddress address = config.admin().address();
    HealthCheck eventLoops =
        new HealthCheck(
            "event loops",
            () -> Future.all(servers.stream().map(RegistryServer::alive).toList()).mapEmpty());
    HealthCheck indexReads =
        new HealthCheck(
            "index",
            () -> cache.index().get(Tables.BLOBS, Digest.ofSha256(new byte[0])).mapEmpty());
    HealthCheck storeReads = new HealthCheck("blob store", cache.store()::check);
    AdminServer operators =
        new AdminServer(
            vertx,
            new AdminServer.Settings(
                address.host(),
                address.port(),
                List.of(eventLoops),
                Stream.concat(Stream.of(eventLoops, indexReads, storeReads), details.stream())
                    .toList(),
                List.of(),
                routes,
                access.rules()),
            metrics);
    ListenAddress real = bind("the admin listener", address, "--admin", operators.start());
    admin = operators;
    return real;
  }

  private Future<Void> closeAdmin() {
    return admin == null ? Future.succeededFuture() : admin.close();
  }

  /** Waits until it is bound; the address with the port that it has got. */
  private static ListenAddress bind(
      String what, ListenAddress address, String flag, Future<Integer> start)
      throws StartupException {
    start.otherwiseEmpty().await();
    if (start.failed()) {
      throw ListenFailure.of(what, address, flag, start.cause());
    }
    return new ListenAddress(address.host(), start.result());
  }

  /** Where it answers, and what it found in its data directory. */
  public StartReport started() {
    return Objects.requireNonNull(started);
  }

  /** Blocks until {@link #close()} has done its work. */
  public void awaitTermination() throws InterruptedException {
    terminated.await();
  }

  /**
   * Lets transfers to clients end within the configured grace, then stops everything, and blocks
   * until it has stopped; idempotent, from any thread.
   */
  @Override
  public synchronized void close() {
    boolean running = started != null && terminated.getCount() > 0;
    if (running) {
      drain();
    }
    closing.close();
    if (running) {
      log.info("stopped");
    }
    terminated.countDown();
  }

  private void drain() {
    AdminServer operators = Objects.requireNonNull(admin);
    operators.stopping();
    Drain.within(config.shutdown().grace()).run(Drain.of(servers));
    operators.closing();
  }
}
