package dev.breakwater.admin;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Quoted;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's listener, apart from the one clients use and on loopback unless told otherwise:
 * {@code /livez}, {@code /readyz} ({@code /healthz} is the same), {@code /startupz}, {@code
 * /metrics}, and the routes it is given. Who may ask is checked first ({@link AdminAccess}); health
 * and metrics need no login. {@link #start} once, {@link #close} once; both may be called from any
 * thread.
 */
public final class AdminServer {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final int IDLE_SECONDS = 60;
  private static final String STOPPING =
      "[-]accepting requests failed: stopping\nreadyz check failed\n";
  private static final Set<String> HEALTH = Set.of("/livez", "/readyz", "/healthz", "/startupz");

  /** Of use to those who probe and scrape, who have no login; they tell no names of images. */
  private static final Set<String> OPEN =
      Set.of("/livez", "/readyz", "/healthz", "/startupz", "/metrics");

  /**
   * Where it listens and what it tells.
   *
   * @param host the address to bind
   * @param port the port to bind; 0 takes a free one
   * @param live what must be well for the process to be worth keeping
   * @param ready what must be well for requests to be sent here
   * @param started what must be done before either is asked
   * @param routes further pages
   * @param access who may ask, and by which names
   */
  public record Settings(
      String host,
      int port,
      List<HealthCheck> live,
      List<HealthCheck> ready,
      List<HealthCheck> started,
      List<AdminRoute> routes,
      AdminAccess access) {}

  private final Vertx vertx;
  private final Settings settings;
  private final Exposition exposition;
  private final AdminGate gate;

  /** By path, then by method. */
  private final Map<String, Map<String, Function<HttpServerRequest, Future<AdminAnswer>>>> pages =
      new TreeMap<>();

  private final HttpServer server;
  private volatile Phase phase = Phase.SERVING;

  /** How far the end of the process has come. */
  private enum Phase {
    SERVING,
    STOPPING,
    CLOSING
  }

  /** A server; does nothing yet. */
  public AdminServer(Vertx vertx, Settings settings, Metrics metrics) {
    this.vertx = vertx;
    this.settings = settings;
    this.exposition = new Exposition(metrics.registry());
    this.gate = new AdminGate(settings.access(), OPEN);
    this.server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS));
    addPages();
  }

  private void addPages() {
    Health ready = new Health("readyz", settings.ready());
    addPage(new AdminRoute("/livez", new Health("livez", settings.live())::answer));
    addPage(new AdminRoute("/readyz", parameters -> readiness(ready, parameters)));
    addPage(new AdminRoute("/healthz", parameters -> readiness(ready, parameters)));
    addPage(new AdminRoute("/startupz", new Health("startupz", settings.started())::answer));
    add("GET", "/metrics", this::metrics);
    settings.routes().forEach(this::addPage);
  }

  /** While the process ends nothing else is asked: the parts may be closed already. */
  private Future<AdminAnswer> readiness(Health ready, Map<String, String> parameters) {
    return phase == Phase.SERVING
        ? ready.answer(parameters)
        : Future.succeededFuture(AdminAnswer.text(503, STOPPING));
  }

  private void addPage(AdminRoute route) {
    add(route.method(), route.path(), request -> route.handler().apply(first(request.params())));
  }

  private void add(
      String method, String path, Function<HttpServerRequest, Future<AdminAnswer>> page) {
    if (pages.computeIfAbsent(path, ignored -> new TreeMap<>()).put(method, page) != null) {
      throw new IllegalArgumentException("two admin routes are " + method + " " + path);
    }
  }

  /**
   * Binds and serves.
   *
   * @return the port that was bound, or why the system refuses the address
   */
  public Future<Integer> start() {
    return server
        .requestHandler(this::take)
        .exceptionHandler(failure -> LOG.debug("admin connection failed", failure))
        .listen(settings.port(), settings.host())
        .map(HttpServer::actualPort);
  }

  /** From now on it is not ready, because the process ends; everything else is still answered. */
  public void stopping() {
    phase = Phase.STOPPING;
  }

  /** From now on only health is answered: what the other pages ask is being closed. */
  public void closing() {
    phase = Phase.CLOSING;
  }

  /** Stops at once but for answers under way. */
  public Future<Void> close() {
    return server.shutdown(GRACE);
  }

  private void take(HttpServerRequest request) {
    answer(request)
        .otherwise(failure -> failed(request, failure))
        .onSuccess(
            answer -> {
              if (isCommand(request)) {
                AuditLog.done(request, answer);
              }
              send(request, answer);
            });
  }

  /** Whether it is to change something here; a page that does not exist changes nothing. */
  private boolean isCommand(HttpServerRequest request) {
    String method = request.method().name();
    return !method.equals("GET")
        && pages.getOrDefault(request.path(), Map.of()).containsKey(method);
  }

  private Future<AdminAnswer> answer(HttpServerRequest request) {
    Optional<AdminAnswer> refusal = gate.refusal(request);
    if (refusal.isPresent()) {
      return Future.succeededFuture(refusal.get());
    }
    String method = request.method().equals(HttpMethod.HEAD) ? "GET" : request.method().name();
    var methods = pages.getOrDefault(request.path(), Map.of());
    if (methods.isEmpty() && method.equals("GET")) {
      return answer(404, "no such page; there are " + String.join(", ", pages.keySet()));
    }
    if (phase == Phase.CLOSING && !HEALTH.contains(request.path())) {
      return answer(503, "stopping; ask again when the server has been started");
    }
    var page = methods.get(method);
    if (page == null) {
      String offered = String.join(", ", methods.keySet()).replace("GET", "GET, HEAD");
      request.response().putHeader("Allow", offered);
      return answer(405, "use " + offered);
    }
    try {
      return page.apply(request);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private static Future<AdminAnswer> answer(int status, String message) {
    return Future.succeededFuture(AdminAnswer.error(status, message));
  }

  private Future<AdminAnswer> metrics(HttpServerRequest request) {
    String accept = request.getHeader("Accept");
    return vertx
        .executeBlocking(() -> exposition.answer(accept), false)
        .map(answer -> Objects.requireNonNull(answer));
  }

  private static AdminAnswer failed(HttpServerRequest request, Throwable failure) {
    LOG.error("admin page {} failed", Quoted.of(String.valueOf(request.path())), failure);
    return AdminAnswer.error(500, "an internal error occurred; the log says more");
  }

  private static void send(HttpServerRequest request, AdminAnswer answer) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      return;
    }
    response
        .setStatusCode(answer.status())
        .putHeader("Content-Type", answer.contentType())
        .putHeader("Content-Length", Integer.toString(answer.body().length()))
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("X-Frame-Options", "DENY")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (request.method().equals(HttpMethod.HEAD)) {
      response.end();
    } else {
      response.end(answer.body());
    }
  }

  private static Map<String, String> first(MultiMap parameters) {
    Map<String, String> values = new HashMap<>();
    parameters.forEach((name, value) -> values.putIfAbsent(name, value));
    return values;
  }
}
