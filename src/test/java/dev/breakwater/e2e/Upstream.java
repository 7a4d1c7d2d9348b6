package dev.breakwater.e2e;

import java.net.URI;
import java.util.Map;
import java.util.Set;

/**
 * Plays Docker Hub: a real registry with every {@link TestImages test image}, and its token server.
 */
final class Upstream implements AutoCloseable {
  private final RequestLog log = new RequestLog();
  private final TokenServer tokens;
  private final RealRegistry registry;
  private final UpstreamDoor door;
  private boolean stopped;

  private Upstream(TokenServer tokens, RealRegistry registry) {
    this.tokens = tokens;
    this.registry = registry;
    this.door = new UpstreamDoor(registry.uri(), log);
  }

  static Upstream start(Workspace workspace, TestImages images) {
    return start(workspace, images, Set.of());
  }

  /** One that gives these repositories to {@link #account} only. */
  static Upstream start(Workspace workspace, TestImages images, Set<String> hidden) {
    SigningKey key = SigningKey.generate(workspace.store("key"));
    TokenServer tokens = new TokenServer(key, hidden);
    return new Upstream(tokens, RealRegistry.start(workspace, images.storage(), key, tokens));
  }

  /** What Breakwater calls {@code docker.io}. */
  URI uri() {
    return door.uri();
  }

  /**
   * What Breakwater must be told beside the address: whom the registry's tokens come from. Large
   * blobs come by one request each, so that requests can be counted; segments have their own tests.
   */
  Map<String, String> settings() {
    return Map.of(
        "BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS",
        tokens.realm().getRawAuthority(),
        "BREAKWATER_CACHE_SEGMENTS",
        "1");
  }

  /** What Breakwater must be told beside that to read private repositories. */
  Map<String, String> account() {
    return Map.of(
        "BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_USERNAME", "pusher",
        "BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_PASSWORD", "pusher");
  }

  UpstreamDoor door() {
    return door;
  }

  RequestLog log() {
    return log;
  }

  /** How many tokens were handed out: the real registry gives nothing to those without. */
  int tokensIssued() {
    return tokens.issued();
  }

  /** Stops registry and token server; from then on every connection is refused. */
  void stop() {
    if (!stopped) {
      stopped = true;
      door.close();
      registry.close();
      tokens.close();
    }
  }

  @Override
  public void close() {
    stop();
  }
}
