package dev.breakwater.config;

import dev.breakwater.oci.ZoneName;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The registry that REGISTRY_PROXY_REMOTEURL names. It becomes the upstream of requests that name
 * none. The address of an upstream that is configured already is never changed by it: with ghcr.io
 * in the place of docker.io, a request for an image of the one would be answered with that of the
 * other.
 *
 * @param upstream the upstream with that host, or a new one that is called as the host
 * @param url the address of a new upstream
 * @param warning what is not as the variable says
 */
record RemoteRegistry(ZoneName upstream, Optional<String> url, Optional<String> warning) {
  static final String VARIABLE = "REGISTRY_PROXY_REMOTEURL";

  private static final Set<String> DOCKER_HUB_HOSTS =
      Set.of(
          "docker.io",
          "index.docker.io",
          "registry-1.docker.io",
          "registry.hub.docker.com",
          "hub.docker.com");

  /**
   * Reads the variable's text.
   *
   * @param known the upstreams of all other sources
   * @return empty for an address that is none, which goes to {@code problems}
   */
  static Optional<RemoteRegistry> read(String text, Settings known, Problems problems) {
    try {
      URI remote = UpstreamUrl.parse(text);
      String host = host(remote);
      return Optional.of(
          configured(remote, host, known)
              .map(name -> known(name, remote, known))
              .orElseGet(
                  () ->
                      new RemoteRegistry(
                          UpstreamName.parse(host), Optional.of(text), Optional.empty())));
    } catch (IllegalArgumentException e) {
      problems.add("environment variable " + VARIABLE + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** The upstream with that address, else the one that is called so, else one of that host. */
  private static Optional<String> configured(URI remote, String host, Settings known) {
    if (DOCKER_HUB_HOSTS.contains(host)) {
      return Optional.of(ZoneName.DOCKER_HUB.value());
    }
    List<String> names = known.namesBelow(Settings.UPSTREAMS);
    return names.stream()
        .filter(name -> isSame(remote, url(name, known)))
        .findFirst()
        .or(() -> names.stream().filter(host::equals).findFirst())
        .or(() -> names.stream().filter(name -> host.equals(host(url(name, known)))).findFirst());
  }

  private static RemoteRegistry known(String name, URI remote, Settings known) {
    URI url = url(name, known);
    boolean same =
        isSame(remote, url)
            || (DOCKER_HUB_HOSTS.contains(host(remote)) && DOCKER_HUB_HOSTS.contains(host(url)));
    KeyPath key = UpstreamKeys.URL.at(name);
    String warning =
        VARIABLE
            + " makes "
            + name
            + " the default upstream and does not change its address "
            + url
            + "; if another one is meant, set "
            + key
            + " ("
            + ConfigKey.environmentName(key)
            + ")";
    return new RemoteRegistry(
        new ZoneName(name), Optional.empty(), same ? Optional.empty() : Optional.of(warning));
  }

  private static URI url(String name, Settings known) {
    return known.find(UpstreamKeys.URL, name).orElse(UpstreamUrl.NONE);
  }

  private static boolean isSame(URI one, URI other) {
    return one.getScheme().equals(other.getScheme())
        && host(one).equals(host(other))
        && one.getRawPath().equals(other.getRawPath());
  }

  /** In lower case, with the port if that is not the usual one. */
  private static String host(URI url) {
    String host = url.getHost().toLowerCase(Locale.ROOT);
    int usual = url.getScheme().equals("http") ? 80 : 443;
    return url.getPort() < 0 || url.getPort() == usual ? host : host + ":" + url.getPort();
  }
}
