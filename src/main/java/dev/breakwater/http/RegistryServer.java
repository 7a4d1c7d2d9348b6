package dev.breakwater.http;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.breakwater.access.AccessControl;
import dev.breakwater.http.Refusal.Reason;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.registry.Zones;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listener of the distribution API, shared by several event loops. {@link #start} once, {@link
 * #close} once; both may be called from any thread.
 */
public final class RegistryServer {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryServer.class);
  private static final int BACKLOG = 4096;
  private static final int CHUNK = 64 * 1024;
  private static final int FILE_READERS = 4;

  /** Those that RFC 9325 recommends. */
  private static final Set<String> TLS_VERSIONS = Set.of("TLSv1.3", "TLSv1.2");

  /** What Vert.x takes for "any free port, but the same for all instances". */
  private static final int ANY_SHARED_PORT = -1;

  private static final int SWEEPS_WITHIN_PATIENCE = 10;

  private final Vertx vertx;
  private final ServerSettings settings;
  private final ServerSettings.Listener listener;
  private final Zones zones;
  private final Metrics metrics;
  private final AccessControl access;
  private final ConnectionTable connections;
  private final WorkerExecutor fileReaders;
  private final RepeatedRequests repeated = new RepeatedRequests(Ticker.systemTicker());
  private final TlsClients tlsClients = new TlsClients(System::nanoTime);
  private final HandshakeFailures handshakes;
  private final List<Instance> instances = new CopyOnWriteArrayList<>();
  private volatile String deployment = "";
  private volatile boolean stopping;

  /** A server of these zones that knows no users; does nothing yet. */
  public RegistryServer(Vertx vertx, ServerSettings settings, Zones zones, Metrics metrics) {
    this(vertx, settings, zones, metrics, AccessControl.OPEN);
  }

  /** A server of these zones; does nothing yet. */
  public RegistryServer(
      Vertx vertx, ServerSettings settings, Zones zones, Metrics metrics, AccessControl access) {
    this.access = access;
    this.vertx = vertx;
    this.settings = settings;
    this.listener = settings.listener();
    this.zones = zones;
    this.metrics = metrics;
    this.connections = new ConnectionTable(settings.limits());
    this.handshakes = new HandshakeFailures(metrics, System::nanoTime);
    this.fileReaders = vertx.createSharedWorkerExecutor("http-file-readers", FILE_READERS);
  }

  /**
   * Binds and serves. Warns of what is configured and not supported yet.
   *
   * @return the port that was bound, or why the system refuses the address
   */
  public Future<Integer> start() {
    if (listener.face() == ServerSettings.Face.REGISTRY) {
      LOG.warn(
          "listener {}:{} is configured as a registry, but pushes are not supported yet: it answers"
              + " pulls only",
          listener.host(),
          listener.port());
    }
    return vertx
        .deployVerticle(
            (Supplier<Deployable>) Instance::new,
            new DeploymentOptions().setInstances(settings.eventLoops()))
        .map(
            id -> {
              deployment = id;
              return instances.getFirst().port();
            });
  }

  /** Connections open now, for a gauge. */
  public int openConnections() {
    return connections.open();
  }

  /** Completes when each event loop that serves has answered; for the liveness check. */
  public Future<Void> alive() {
    return Future.all(instances.stream().map(Instance::alive).toList()).mapEmpty();
  }

  /** Answers that are under way now; connections between two requests have none. */
  public int transfers() {
    return connections.busy();
  }

  /**
   * Stops accepting and closes idle connections; each of the others ends with its answer, which
   * says so by {@code Connection: close} if its head is still to be sent. To be followed by {@link
   * #close}.
   *
   * @return completes when no connection is open; the last ones are cut after {@code limit}
   */
  public Future<Void> drain(Duration limit) {
    stopping = true;
    return Future.join(instances.stream().map(instance -> instance.drain(limit)).toList())
        .mapEmpty();
  }

  /** Closes every connection soon, whatever is under way on it. */
  public void cut() {
    connections.cutAll();
  }

  /** Drains within the time of its settings, then closes what is left. */
  public Future<Void> close() {
    return drain(settings.drain())
        .otherwiseEmpty()
        .compose(drained -> vertx.undeploy(deployment))
        .otherwiseEmpty()
        .compose(undeployed -> fileReaders.close());
  }

  /** What one event loop has of the server. */
  private final class Instance extends VerticleBase {
    private final HttpServer server = RegistryServer.this.vertx.createHttpServer(options());

    @Override
    public Future<?> start() {
      ServerSettings.Limits limits = settings.limits();
      PaceGuard pace = new PaceGuard(limits, System::nanoTime);
      long sweepMillis = Math.max(1, limits.patience().toMillis() / SWEEPS_WITHIN_PATIENCE);
      vertx.setPeriodic(sweepMillis, timer -> pace.sweep());
      Challenges challenges = new Challenges(access, listener.face());
      ClientLogin login = new ClientLogin(access, challenges, listener.face());
      FormBody form = new FormBody(vertx, limits.headDeadline());
      RequestEntry entry =
          new RequestEntry(
              login,
              new ApiRouter(
                  zones,
                  new Permissions(access, challenges),
                  access
                      .tokens()
                      .filter(tokens -> challenges.enabled())
                      .map(tokens -> new TokenEndpoint(access, tokens, zones, login, form)),
                  new BlobEndpoint(this::fileSender, pace, repeated)),
              new ErrorResponder(metrics, new AccessRefusals(listener.face(), challenges)),
              new AccessLog(metrics),
              new BodyDiscarder(vertx, limits.headDeadline()),
              limits.headers(),
              listener.trustedProxies());
      return server
          .connectionHandler(this::connected)
          .requestHandler(entry::take)
          .invalidRequestHandler(entry::takeMalformed)
          .exceptionHandler(failure -> handshakes.failed(failure, port()))
          .listen(listener.port() == 0 ? ANY_SHARED_PORT : listener.port(), listener.host())
          .onSuccess(listening -> instances.add(this));
    }

    private FileSender fileSender(HttpServerRequest request) {
      return settings.zeroCopy() && !request.isSSL()
          ? new ZeroCopySender(request)
          : new CopyingSender(request.response(), fileReaders);
    }

    private void connected(HttpConnection connection) {
      ConnectionGuard guard =
          ConnectionGuard.install(
              connection, settings.limits(), metrics, tlsClients, () -> stopping);
      String address = String.valueOf(connection.remoteAddress().hostAddress());
      ConnectionTable.Entry entry =
          RequestOrigin.isTrusted(address, listener.trustedProxies())
              ? connections.enterFromProxy(guard.client(), guard)
              : connections.enter(guard.client(), guard);
      connection.closeHandler(closed -> connections.leave(guard.client(), guard));
      connection.exceptionHandler(
          failure -> LOG.debug("connection of {} failed", connection.remoteAddress(), failure));
      if (entry == ConnectionTable.Entry.REFUSED) {
        metrics.rejected(Reason.CONNECTIONS.label());
        guard.closeNow();
      }
    }

    int port() {
      return server.actualPort();
    }

    Future<Void> alive() {
      Promise<Void> answered = Promise.promise();
      Context loop = context;
      loop.runOnContext(ran -> answered.complete());
      return answered.future();
    }

    Future<Void> drain(Duration limit) {
      return server.shutdown(limit);
    }
  }

  private HttpServerOptions options() {
    HttpServerOptions options = plainOptions();
    listener
        .tls()
        .ifPresent(
            tls -> {
              options
                  .setSsl(true)
                  .setKeyCertOptions(KeyCertOptions.wrap(tls.certificates()))
                  .setEnabledSecureTransportProtocols(TLS_VERSIONS)
                  .setSslHandshakeTimeout(settings.limits().headDeadline().toMillis())
                  .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
              tls.clients()
                  .ifPresent(
                      clients ->
                          options
                              .setTrustOptions(TrustOptions.wrap(clients))
                              .setClientAuth(ClientAuth.REQUIRED));
            });
    return options;
  }

  private HttpServerOptions plainOptions() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setUseAlpn(false)
        .setCompressionSupported(false)
        .setDecompressionSupported(false)
        .setHandle100ContinueAutomatically(false)
        .setMaxChunkSize(CHUNK)
        .setMaxInitialLineLength(settings.limits().requestLine())
        .setMaxHeaderSize(settings.limits().headerBytes())
        .setTcpNoDelay(true)
        .setReuseAddress(true)
        .setAcceptBacklog(BACKLOG);
  }
}
