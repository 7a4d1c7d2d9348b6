package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.oci.ContentKind;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The connections to one registry. Blobs have a pool of their own, so that long downloads from a
 * registry that does not redirect them never make a manifest wait.
 */
final class UpstreamClients implements AutoCloseable {
  private static final int MAX_WAITING = 1024;

  /** The default of 8 KiB costs a third of the throughput (docs/findings.md#chunk-size). */
  private static final int CHUNK_SIZE = 65_536;

  /** Signed URLs and tokens make long headers. */
  private static final int MAX_HEADER_SIZE = 16_384;

  /** Below the idle limit of every registry and load balancer we know of (60 s). */
  private static final int KEEP_ALIVE_SECONDS = 30;

  /**
   * Connections with the same identity.
   *
   * @param blobs for blobs
   * @param others for all else
   * @param fresh makes a connection for every request
   */
  private record Pools(HttpClientAgent blobs, HttpClientAgent others, HttpClientAgent fresh) {
    /** From the next connection on; those that were made before are not used again. */
    void secure(ClientSSLOptions options) {
      for (HttpClientAgent client : List.of(blobs, others, fresh)) {
        client.updateSSLOptions(options.copy(), true);
      }
    }

    void close() {
      blobs.close();
      others.close();
      fresh.close();
    }
  }

  private final Duration connectTime;
  private final Optional<AuthorityFile> authorities;
  private final Pools anonymous;
  private final Optional<ClientIdentity> identity;
  private final Optional<Pools> identified;
  private final RealmPolicy own;

  /** Connections that have carried a request; by identity, for as long as they live. */
  private final Cache<HttpConnection, Boolean> used = Caffeine.newBuilder().weakKeys().build();

  private final Optional<ProxyAddress> proxy;
  private final ProxyEnvironment environment;

  UpstreamClients(Vertx vertx, UpstreamSettings settings) {
    this.authorities =
        settings.ca().map(file -> new AuthorityFile(vertx, settings.zone(), file, this::trust));
    Optional<TrustOptions> trust = authorities.map(AuthorityFile::first);
    this.connectTime = settings.limits().connect();
    this.own = new RealmPolicy(Origin.of(settings.url()).orElseThrow(), settings.realms());
    this.identity =
        settings.certificate().map(files -> new ClientIdentity(vertx, settings.zone(), files));
    this.anonymous = pools(vertx, settings, trust, Optional.empty());
    this.identified =
        identity
            .map(KeyCertOptions::wrap)
            .map(keys -> pools(vertx, settings, trust, Optional.of(keys)));
    this.proxy = settings.proxyAddress();
    this.environment = settings.environment();
  }

  /** What makes and keeps the connections to a host for that kind of content. */
  HttpClient forKind(ContentKind kind, Origin origin) {
    Pools pools = pools(origin);
    return kind == ContentKind.BLOB ? pools.blobs : pools.others;
  }

  /** The client certificate goes where credentials may go, not to mirrors and redirect targets. */
  private Pools pools(Origin origin) {
    return identified.filter(pools -> own.isPermitted(origin)).orElse(anonymous);
  }

  /**
   * The proxy for one request, which depends on its host: token servers and redirect targets may be
   * reached otherwise than the registry. The configured one is for every host.
   */
  Optional<ProxyOptions> proxyFor(Origin origin) {
    return proxy.or(() -> environment.proxyFor(origin)).map(UpstreamClients::options);
  }

  /** Opens a connection for every request. */
  HttpClient fresh(Origin origin) {
    return pools(origin).fresh;
  }

  /**
   * Notes that a request goes out on this connection; says whether it is the first one. A later one
   * may meet a connection that the other side is just closing.
   */
  boolean isFirstUse(HttpConnection connection) {
    return used.asMap().putIfAbsent(connection, true) == null;
  }

  private void trust(TrustOptions trust) {
    anonymous.secure(secured(connectTime, Optional.of(trust), Optional.empty()));
    Optional<KeyCertOptions> keys = identity.map(KeyCertOptions::wrap);
    identified.ifPresent(pools -> pools.secure(secured(connectTime, Optional.of(trust), keys)));
  }

  /** Looks whether the file of authorities has changed. Blocks. */
  void readAuthoritiesIfChanged() {
    authorities.ifPresent(AuthorityFile::readIfChanged);
  }

  private static ClientSSLOptions secured(
      Duration connectTime, Optional<TrustOptions> trust, Optional<KeyCertOptions> keys) {
    ClientSSLOptions options =
        new ClientSSLOptions()
            .setHostnameVerificationAlgorithm("HTTPS")
            .setSslHandshakeTimeout(connectTime.toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    trust.ifPresent(options::setTrustOptions);
    keys.ifPresent(options::setKeyCertOptions);
    return options;
  }

  private static Pools pools(
      Vertx vertx,
      UpstreamSettings settings,
      Optional<TrustOptions> trust,
      Optional<KeyCertOptions> keys) {
    TimeLimits limits = settings.limits();
    RequestLimits requests = settings.requests();
    return new Pools(
        client(vertx, limits, trust, keys, requests.blobs(), true),
        client(vertx, limits, trust, keys, requests.others(), true),
        client(vertx, limits, trust, keys, requests.blobs(), false));
  }

  private static HttpClientAgent client(
      Vertx vertx,
      TimeLimits limits,
      Optional<TrustOptions> trust,
      Optional<KeyCertOptions> keys,
      int connections,
      boolean keepAlive) {
    int connectMillis = Math.toIntExact(limits.connect().toMillis());
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setDecompressionSupported(false)
            .setMaxChunkSize(CHUNK_SIZE)
            .setMaxHeaderSize(MAX_HEADER_SIZE)
            .setKeepAlive(keepAlive)
            .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
            .setConnectTimeout(connectMillis)
            .setVerifyHost(true);
    return vertx
        .httpClientBuilder()
        .with(options)
        .with(secured(limits.connect(), trust, keys))
        .with(new PoolOptions().setHttp1MaxSize(connections).setMaxWaitQueueSize(MAX_WAITING))
        // The request on it fails with the same; Vert.x would log it as an error of its own.
        .withConnectHandler(connection -> connection.exceptionHandler(failure -> {}))
        .build();
  }

  private static ProxyOptions options(ProxyAddress address) {
    ProxyOptions options =
        new ProxyOptions().setType(ProxyType.HTTP).setHost(address.host()).setPort(address.port());
    address
        .login()
        .ifPresent(login -> options.setUsername(login.username()).setPassword(login.secret()));
    return options;
  }

  @Override
  public void close() {
    authorities.ifPresent(AuthorityFile::close);
    anonymous.close();
    identified.ifPresent(Pools::close);
    identity.ifPresent(ClientIdentity::close);
  }
}
