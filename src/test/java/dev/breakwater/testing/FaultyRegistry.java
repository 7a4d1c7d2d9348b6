package dev.breakwater.testing;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An upstream on loopback that misbehaves as told: a registry, its token server and its CDN, over
 * plain sockets, because the worst faults lie below HTTP. Healthy until something is scripted. Safe
 * for all threads; {@link #close} frees its ports and ends its threads.
 *
 * <pre>{@code
 * try (FaultyRegistry upstream = FaultyRegistry.likeDockerHub().start()) {
 *   TestImage image = TestImage.docker().layer(1_000_000).build();
 *   upstream.put("library/nginx", "1.27", image);
 *   upstream.on(blobBytes(image.layer(0).digest())).once().then(cutAt(5_000, Cut.RST));
 *   …
 *   assertThat(upstream.count(blobBytes().rangeFrom(5_000))).isEqualTo(1);
 *   assertThat(upstream.credentialsSeenBy(Listener.CDN)).isEmpty();
 * }
 * }</pre>
 *
 * <p>Rules are tried in the order they were given; the first that matches and is not used up
 * decides. See {@link RequestMatcher} for choosing requests, {@link Faults} for what can happen to
 * them, {@link Gate} for stopping an answer until the test has looked around, and {@link
 * #transcript} for what to print when a test fails.
 */
public final class FaultyRegistry implements AutoCloseable {
  /** The service that challenges name. */
  static final String SERVICE = "faulty.test";

  private final Map<Listener, SocketServer> servers;
  private final Repositories repositories;
  private final TokenServer tokens;
  private final @Nullable PullLimit pullLimit;
  private final Script script;
  private final RequestLog log;
  private final @Nullable Path caCertificate;

  FaultyRegistry(
      Map<Listener, SocketServer> servers,
      Repositories repositories,
      TokenServer tokens,
      @Nullable PullLimit pullLimit,
      Script script,
      RequestLog log,
      @Nullable Path caCertificate) {
    this.servers = servers;
    this.repositories = repositories;
    this.tokens = tokens;
    this.pullLimit = pullLimit;
    this.script = script;
    this.log = log;
    this.caCertificate = caCertificate;
  }

  /** Begins to describe one. */
  public static FaultyRegistryBuilder builder() {
    return new FaultyRegistryBuilder();
  }

  /** Begins with Docker Hub's ways: tokens, blobs at a CDN, 100 pulls in six hours. */
  public static FaultyRegistryBuilder likeDockerHub() {
    return builder().bearer().redirectBlobs().pullLimit(100);
  }

  /** Starts the plainest one: no authentication, no CDN, no limits. */
  public static FaultyRegistry start() {
    return builder().start();
  }

  /** The registry's address, without a path. */
  public String url() {
    return url(Listener.REGISTRY);
  }

  /** The token server's address, without a path. */
  public String authUrl() {
    return url(Listener.AUTH);
  }

  /** The CDN's address, without a path. */
  public String cdnUrl() {
    return url(Listener.CDN);
  }

  private String url(Listener listener) {
    return server(listener).url();
  }

  private SocketServer server(Listener listener) {
    return Optional.ofNullable(servers.get(listener)).orElseThrow();
  }

  /** The file, in PEM, of the authority that signed the certificates; deleted by {@link #close}. */
  public Path caCertificate() {
    return Optional.ofNullable(caCertificate)
        .orElseThrow(() -> new IllegalStateException("this registry was started without TLS"));
  }

  /** What makes a client trust that authority and no other. */
  public SSLContext clientContext() {
    return TlsAuthority.INSTANCE.clientContext();
  }

  // Content.

  /** Stores an image and makes the tag mean it. */
  public FaultyRegistry put(String repository, String tag, TestImage image) {
    repositories.put(repository, image);
    repositories.tag(repository, tag, image);
    return this;
  }

  /** Stores an image without a tag, such as one that refers to another. */
  public FaultyRegistry put(String repository, TestImage image) {
    repositories.put(repository, image);
    return this;
  }

  /** Makes a tag mean another image that is stored there. */
  public void moveTag(String repository, String tag, TestImage image) {
    repositories.tag(repository, tag, image);
  }

  /** Forgets a tag; its image stays. */
  public void deleteTag(String repository, String tag) {
    repositories.deleteTag(repository, tag);
  }

  /** Forgets a manifest and the tags that mean it. */
  public void deleteManifest(String repository, Digest digest) {
    repositories.deleteManifest(repository, digest);
  }

  /** Forgets a blob. */
  public void deleteBlob(String repository, Digest digest) {
    repositories.deleteBlob(repository, digest);
  }

  /** Forgets a repository. */
  public void deleteRepository(String repository) {
    repositories.delete(repository);
  }

  /**
   * Gives new tokens for the repository to these accounts only; tokens that were given stay good.
   */
  public void makePrivate(String repository, String... users) {
    tokens.restrict(repository, Set.of(users));
  }

  /** Gives tokens for the repository to all who ask. */
  public void makePublic(String repository) {
    tokens.open(repository);
  }

  // Misbehaviour.

  /** Begins a rule; it takes effect with {@link Rule#then}. */
  public Rule on(RequestMatcher matcher) {
    return new Rule(script, matcher);
  }

  /** Is healthy again: ends all rules. */
  public void heal() {
    script.clear();
  }

  /** Closes all ports and connections: clients are refused. */
  public void goDown() {
    servers.values().forEach(SocketServer::suspend);
  }

  /** Opens the same ports again. */
  public void comeBack() {
    servers.values().forEach(SocketServer::resume);
  }

  /** Closes one listener's port and connections. */
  public void goDown(Listener listener) {
    server(listener).suspend();
  }

  /** Opens one listener's port again. */
  public void comeBack(Listener listener) {
    server(listener).resume();
  }

  /** Makes all tokens given so far worthless. */
  public void revokeTokens() {
    tokens.revokeAll();
  }

  /** Begins a new window of the pull limit for all clients. */
  public void resetPullLimit() {
    limit().reset();
  }

  /** Says how many pulls an account, or {@code anonymous}, has left. */
  public void pullsLeft(String identity, int count) {
    limit().remaining(identity, count);
  }

  private PullLimit limit() {
    return Optional.ofNullable(pullLimit)
        .orElseThrow(() -> new IllegalStateException("this registry was started without a limit"));
  }

  // Observation.

  /** All requests so far, in their order. */
  public List<SeenRequest> requests() {
    return log.requests();
  }

  /** The requests so far of that sort. */
  public List<SeenRequest> requests(RequestMatcher matcher) {
    return requests().stream().filter(matcher::matches).toList();
  }

  /** How many requests of that sort there were. */
  public int count(RequestMatcher matcher) {
    return log.count(matcher);
  }

  /** Waits until there have been so many requests of that sort; fails after the timeout. */
  public void awaitRequests(RequestMatcher matcher, int count, Duration timeout) {
    log.await(matcher, count, timeout);
  }

  /** Waits until no answer is being given; fails after the timeout. */
  public void awaitIdle(Duration timeout) {
    log.awaitIdle(timeout);
  }

  /**
   * How many bytes of that blob or manifest were put on the wire, by registry and CDN together;
   * never less than clients have.
   */
  public long bytesSent(Digest digest) {
    return log.bytesSent(digest);
  }

  /** The most answers of that kind that were being given at the same time. */
  public int maxConcurrent(ContentKind kind) {
    return log.maxConcurrent(kind);
  }

  /** How many connections a listener has accepted. */
  public int connections(Listener listener) {
    return server(listener).accepted();
  }

  /** How many connections of a listener are open. */
  public int openConnections(Listener listener) {
    return (int) server(listener).open().value();
  }

  /** Waits until a listener has at most so many connections open; fails after the timeout. */
  public void awaitOpenConnections(Listener listener, int atMost, Duration timeout) {
    server(listener).open().awaitAtMost(atMost, timeout, () -> "open connections of " + listener);
  }

  /**
   * Every credential that a listener got: {@code Authorization} and {@code Cookie} as sent, and
   * {@code user:password} where they can be decoded.
   */
  public Set<String> credentialsSeenBy(Listener listener) {
    Set<String> seen = new TreeSet<>();
    for (SeenRequest request : requests(RequestMatcher.any().on(listener))) {
      for (String name : List.of("Authorization", "Proxy-Authorization", "Cookie")) {
        Collection<String> values = request.headers().all(name);
        seen.addAll(values);
        values.forEach(value -> Admission.decodeBasic(value).ifPresent(seen::add));
      }
      if (request.body().contains("password=")) {
        seen.add(request.body());
      }
    }
    return seen;
  }

  /** The names of the clients that have shown a certificate to a listener. */
  public Set<String> clientCertificatesSeenBy(Listener listener) {
    return server(listener).clientCertificates();
  }

  /**
   * Writes {@code NAME.crt} and {@code NAME.key}: a certificate that registries with TLS accept.
   */
  public static void writeClientPair(Path directory, String name) {
    TlsAuthority.INSTANCE.writeClientPair(directory, name);
  }

  /** The requests that hold that text anywhere, in target, headers or body. */
  public List<SeenRequest> requestsContaining(String text) {
    return requests().stream().filter(request -> request.contains(text)).toList();
  }

  /** What happened, a line for each request. */
  public String transcript() {
    return requests().stream().map(SeenRequest::toString).collect(Collectors.joining("\n"));
  }

  /** Frees the ports and ends all threads; answers that are held end. Idempotent. */
  @Override
  public void close() {
    servers.values().forEach(SocketServer::close);
    if (caCertificate != null) {
      try {
        Files.deleteIfExists(caCertificate);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
