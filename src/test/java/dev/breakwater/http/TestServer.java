package dev.breakwater.http;

import dev.breakwater.access.AccessControl;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Zones;
import dev.breakwater.testing.TestCertificates;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A real server on loopback in front of two fake registries. */
final class TestServer implements AutoCloseable {
  final Vertx vertx;
  final FakeRegistry hub = new FakeRegistry("docker.io");
  final FakeRegistry ghcr = new FakeRegistry("ghcr.io");
  final Metrics metrics = new Metrics("test", List.of("docker.io", "ghcr.io"));
  final Zones zones = new Zones(List.of(hub, ghcr), ZoneName.DOCKER_HUB);
  final RegistryServer server;
  final int port;
  private final boolean isTls;

  TestServer() {
    this(settings(ServerSettings.Limits.DEFAULTS, true));
  }

  TestServer(ServerSettings settings) {
    this(settings, vertx -> AccessControl.OPEN);
  }

  /** One that knows users. */
  TestServer(ServerSettings.Face face, Function<Vertx, AccessControl> access) {
    this(
        new ServerSettings(
            new ServerSettings.Listener("127.0.0.1", 0, face),
            2,
            true,
            Duration.ofSeconds(10),
            ServerSettings.Limits.DEFAULTS),
        access);
  }

  private TestServer(ServerSettings settings, Function<Vertx, AccessControl> access) {
    this(Vertx.vertx(new VertxOptions().setPreferNativeTransport(true)), settings, access);
  }

  /** On this Vert.x, which it closes with itself. */
  TestServer(Vertx vertx, ServerSettings settings) {
    this(vertx, settings, ignored -> AccessControl.OPEN);
  }

  private TestServer(Vertx vertx, ServerSettings settings, Function<Vertx, AccessControl> access) {
    this.vertx = vertx;
    this.isTls = settings.listener().tls().isPresent();
    server = new RegistryServer(vertx, settings, zones, metrics, access.apply(vertx));
    port = await(server.start());
  }

  static ServerSettings settings(ServerSettings.Limits limits, boolean zeroCopy) {
    return new ServerSettings(listener(0), 2, zeroCopy, Duration.ofSeconds(10), limits);
  }

  static ServerSettings.Listener listener(int port) {
    return new ServerSettings.Listener("127.0.0.1", port, ServerSettings.Face.BOTH);
  }

  static ServerSettings.Limits limits(Duration headDeadline, Duration idle, Duration patience) {
    ServerSettings.Limits usual = ServerSettings.Limits.DEFAULTS;
    return new ServerSettings.Limits(
        usual.requestLine(),
        usual.headerBytes(),
        usual.headers(),
        headDeadline,
        idle,
        usual.connections(),
        usual.connectionsPerAddress(),
        1024 * 1024,
        patience);
  }

  /** The usual limits but for connections, in all and from one address. */
  static ServerSettings.Limits connectionLimits(int connections, int perAddress) {
    ServerSettings.Limits usual = ServerSettings.Limits.DEFAULTS;
    return new ServerSettings.Limits(
        usual.requestLine(),
        usual.headerBytes(),
        usual.headers(),
        usual.headDeadline(),
        usual.idle(),
        connections,
        perAddress,
        usual.slowestReader(),
        usual.patience());
  }

  /** The result, or a failed test if there is none in a long time. */
  static <T> T await(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing came of it in 20 seconds", e);
    }
  }

  RawClient connect() throws IOException {
    return isTls ? TlsServer.connect(port, TestCertificates.client()) : new RawClient(port);
  }

  /** The metrics as a scraper sees them. */
  String scrape() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(text, metrics.registry().scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  /** Waits for a line of the metrics: they are counted just after the client has its answer. */
  void awaitMetric(String line) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    String scraped = scrape();
    while (!scraped.contains(line + "\n")) {
      if (System.nanoTime() > end) {
        throw new AssertionError("never came: " + line + " in " + scraped);
      }
      Thread.onSpinWait();
      scraped = scrape();
    }
  }

  @Override
  public void close() {
    await(server.close());
    closeAllButTheServer();
  }

  /** For a test that closes the server itself. */
  void closeAllButTheServer() {
    metrics.close();
    await(vertx.close());
  }
}
