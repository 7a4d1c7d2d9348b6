package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.testing.FaultyRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A client under test with all that it stands on, and straight-line ways to use it. */
final class UpstreamClient implements AutoCloseable {
  static final ZoneName ZONE = new ZoneName("faulty.test");
  static final RepositoryName NGINX = RepositoryName.parse("library/nginx");
  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  /** As in operation, but so that a test that goes wrong ends soon. */
  static final TimeLimits LIMITS =
      new TimeLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          1,
          Duration.ofSeconds(60));

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final Metrics metrics = new Metrics("test", List.of(ZONE.value()));
  private final AtomicLong skipped = new AtomicLong();
  private volatile String client = "";
  private final HttpUpstreamRegistry registry;

  private UpstreamClient(UpstreamSettings settings, NameLookup lookup) {
    Environment upstreamEnvironment =
        new Environment(
            () -> System.nanoTime() + skipped.get(), () -> NOW, () -> 0.0, lookup, () -> client);
    this.registry = new HttpUpstreamRegistry(vertx, settings, metrics, upstreamEnvironment);
  }

  /** Describes a client. */
  static final class Builder {
    private final URI url;
    private final List<URI> mirrors = new ArrayList<>();
    private final List<AccountSettings> accounts = new ArrayList<>();
    private final List<String> realms = new ArrayList<>();
    private NameLookup lookup = Environment.ofThisMachine(System::nanoTime, () -> "").lookup();
    private CredentialSettings credentials = CredentialSettings.NONE;
    private Optional<ClientCertificate> certificate = Optional.empty();
    private Optional<Path> ca = Optional.empty();
    private Optional<URI> proxy = Optional.empty();
    private RequestLimits requests = RequestLimits.DEFAULT;
    private TimeLimits limits = LIMITS;
    private ProxyEnvironment environment = ProxyEnvironment.NONE;

    private Builder(URI url) {
      this.url = url;
    }

    Builder mirror(String mirror) {
      mirrors.add(URI.create(mirror));
      return this;
    }

    Builder account(String username, String secret) {
      accounts.add(new AccountSettings(new Credentials(username, secret), Optional.empty()));
      return this;
    }

    Builder account(String username, String secret, Path passwordFile) {
      accounts.add(
          new AccountSettings(new Credentials(username, secret), Optional.of(passwordFile)));
      return this;
    }

    Builder credentials(CredentialSettings settings) {
      credentials = settings;
      return this;
    }

    Builder realm(String realm) {
      realms.add(realm);
      return this;
    }

    Builder ca(Path file) {
      ca = Optional.of(file);
      return this;
    }

    Builder certificate(Path file, Path key) {
      certificate = Optional.of(new ClientCertificate(file, key));
      return this;
    }

    Builder proxy(String address) {
      proxy = Optional.of(URI.create(address));
      return this;
    }

    Builder environment(Map<String, String> variables) {
      environment = ProxyEnvironment.of(variables);
      return this;
    }

    Builder requests(int blobs, int others) {
      requests = new RequestLimits(blobs, others, requests.rate());
      return this;
    }

    Builder rate(int count, Duration window) {
      requests =
          new RequestLimits(
              requests.blobs(),
              requests.others(),
              Optional.of(new RequestLimits.Rate(count, window)));
      return this;
    }

    Builder limits(TimeLimits value) {
      limits = value;
      return this;
    }

    Builder lookup(NameLookup value) {
      lookup = value;
      return this;
    }

    UpstreamSettings settings() {
      return new UpstreamSettings(
          ZONE,
          url,
          mirrors,
          accounts,
          credentials,
          ca,
          certificate,
          proxy,
          realms,
          requests,
          limits,
          environment);
    }

    UpstreamClient build() {
      return new UpstreamClient(settings(), lookup);
    }

    /** One that the registry does not know. */
    UpstreamClient buildAnonymous() {
      return new UpstreamClient(settings().anonymous(), lookup);
    }
  }

  /** A client of a registry that trusts its token server, as for Docker Hub. */
  static Builder of(FaultyRegistry upstream) {
    return of(upstream.url()).realm(URI.create(upstream.authUrl()).getAuthority());
  }

  static Builder of(String url) {
    return new Builder(URI.create(url));
  }

  HttpUpstreamRegistry registry() {
    return registry;
  }

  Vertx vertx() {
    return vertx;
  }

  /** Asks for another client from now on. */
  void client(String address) {
    client = address;
  }

  /** Moves the monotonic clock. */
  void skip(Duration time) {
    skipped.addAndGet(time.toNanos());
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError("no result within 30 s", e);
    }
  }

  /** The failure a call ends with. */
  static UpstreamException failureOf(Future<?> future) {
    Throwable failure = catchThrowable(() -> await(future));
    assertThat(failure).isInstanceOf(UpstreamException.class);
    return (UpstreamException) failure;
  }

  /** Downloads from an offset to the end; fails as the transfer does. */
  Future<byte[]> download(Digest digest, long first) {
    return download(digest, first, OptionalLong.empty());
  }

  Future<byte[]> download(Digest digest, long first, OptionalLong last) {
    Promise<byte[]> result = Promise.promise();
    vertx.runOnContext(
        ignored ->
            registry
                .openBlob(NGINX, digest, first, last)
                .compose(UpstreamClient::drain)
                .onComplete(result));
    return result.future();
  }

  static Future<byte[]> drain(BlobTransfer transfer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    transfer.handler((Buffer piece) -> bytes.writeBytes(piece.getBytes()));
    transfer.resume();
    return transfer.completion().map(ignored -> bytes.toByteArray());
  }

  /** How many calls of that kind have ended so. */
  long counted(ContentKind kind, UpstreamOutcome outcome) {
    return counter(
        "breakwater_upstream_requests",
        Labels.of("upstream", ZONE.value(), "kind", kind.label(), "outcome", outcome.label()));
  }

  /** How many calls of that kind have ended at all. */
  long counted(ContentKind kind) {
    long sum = 0;
    for (UpstreamOutcome outcome : UpstreamOutcome.values()) {
      sum += counted(kind, outcome);
    }
    return sum;
  }

  /** What the gauge says of the registry's health. */
  boolean isUp() {
    for (MetricSnapshot snapshot : metrics.registry().scrape()) {
      if (snapshot instanceof GaugeSnapshot gauge
          && gauge.getMetadata().getName().equals("breakwater_upstream_up")) {
        return gauge.getDataPoints().getFirst().getValue() == 1;
      }
    }
    throw new AssertionError("no such gauge");
  }

  /** A gauge {@code breakwater_upstream_…} of an account. */
  double gauge(String name, String account) {
    Labels labels = Labels.of("upstream", ZONE.value(), "account", account);
    for (MetricSnapshot snapshot : metrics.registry().scrape()) {
      if (snapshot instanceof GaugeSnapshot gauge
          && gauge.getMetadata().getName().equals("breakwater_upstream_" + name)) {
        for (GaugeSnapshot.GaugeDataPointSnapshot point : gauge.getDataPoints()) {
          if (point.getLabels().equals(labels)) {
            return point.getValue();
          }
        }
      }
    }
    throw new AssertionError("no such gauge");
  }

  long digestMismatches() {
    return counter("breakwater_digest_mismatch", Labels.of("upstream", ZONE.value()));
  }

  long fetched(ContentKind kind) {
    return counter(
        "breakwater_fetched_bytes", Labels.of("upstream", ZONE.value(), "kind", kind.label()));
  }

  private long counter(String name, Labels labels) {
    for (MetricSnapshot snapshot : metrics.registry().scrape()) {
      if (snapshot instanceof CounterSnapshot counter
          && counter.getMetadata().getName().equals(name)) {
        for (CounterSnapshot.CounterDataPointSnapshot point : counter.getDataPoints()) {
          if (point.getLabels().equals(labels)) {
            return (long) point.getValue();
          }
        }
      }
    }
    return 0;
  }

  @Override
  public void close() {
    registry.close();
    await(vertx.close());
    metrics.close();
  }
}
