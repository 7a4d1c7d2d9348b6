package dev.breakwater.upstream;

import java.net.URI;
import java.util.Locale;
import java.util.Set;

/**
 * The name of a registry where docker and its credential helpers store logins. It is that of the
 * address that is really asked, not that of the upstream: a login for docker.io must not go to
 * another host that is configured in its place.
 *
 * @param text what a credential helper is asked for
 * @param hosts the hosts, with a port that is not the usual one, under which a login may be stored
 */
record ServerAddress(String text, Set<String> hosts) {
  /** What docker calls its hub, whatever its host. */
  private static final String DOCKER_HUB = "https://index.docker.io/v1/";

  private static final Set<String> DOCKER_HUB_HOSTS =
      Set.of("docker.io", "index.docker.io", "registry-1.docker.io");

  private static final Set<String> PATHS = Set.of("", "/v1", "/v2");

  ServerAddress {
    hosts = Set.copyOf(hosts);
  }

  /** The name of the registry at that address. */
  static ServerAddress of(URI url) {
    String host =
        Origin.of(url)
            .map(Origin::authority)
            .orElseThrow(() -> new IllegalArgumentException("not the address of a registry"));
    return DOCKER_HUB_HOSTS.contains(host)
        ? new ServerAddress(DOCKER_HUB, DOCKER_HUB_HOSTS)
        : new ServerAddress(host, Set.of(host));
  }

  /**
   * Whether a login that is stored under that name is for this registry: {@code ghcr.io}, {@code
   * https://ghcr.io}, {@code https://ghcr.io/v2/}. One with another path is for a part of it.
   */
  boolean isNamed(String key) {
    String plain = key.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
    int slash = plain.indexOf('/');
    String host = slash < 0 ? plain : plain.substring(0, slash);
    String path = slash < 0 ? "" : plain.substring(slash).replaceFirst("/+$", "");
    return hosts.contains(host.replaceFirst(":443$", "")) && PATHS.contains(path);
  }

  @Override
  public String toString() {
    return text;
  }
}
