package dev.breakwater.upstream;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The proxies that the environment names: {@code HTTP_PROXY} for http, {@code HTTPS_PROXY} for
 * https, and {@code NO_PROXY}, the hosts that are reached directly. Each may be written in lower
 * case; if both are set, upper case wins. Read as Go's {@code httpproxy} package does, so that one
 * environment means the same to Breakwater and to the clients beside it. Immutable.
 */
public final class ProxyEnvironment {
  /** Go's default for a proxy without a port. */
  private static final int DEFAULT_PORT = 80;

  /** Without any proxy. */
  public static final ProxyEnvironment NONE = of(Map.of());

  /** A proxy and the variable that names it. */
  private record Named(String variable, ProxyAddress address) {}

  private final Optional<Named> http;
  private final Optional<Named> https;
  private final NoProxy direct;

  private ProxyEnvironment(Optional<Named> http, Optional<Named> https, NoProxy direct) {
    this.http = http;
    this.https = https;
    this.direct = direct;
  }

  /**
   * Reads the variables.
   *
   * @throws IllegalArgumentException if one of them names a proxy that cannot be used; the message
   *     names the variable and not its value, which may hold a password
   */
  public static ProxyEnvironment of(Map<String, String> variables) {
    return new ProxyEnvironment(
        proxy(variables, "HTTP_PROXY", "http_proxy"),
        proxy(variables, "HTTPS_PROXY", "https_proxy"),
        NoProxy.parse(first(variables, List.of("NO_PROXY", "no_proxy")).orElse("")));
  }

  private static Optional<Named> proxy(Map<String, String> variables, String... names) {
    for (String name : names) {
      String value = variables.getOrDefault(name, "").strip();
      if (!value.isEmpty()) {
        ProxyAddress address =
            ProxyAddress.parse(value, DEFAULT_PORT)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "the environment variable "
                                + name
                                + " does not name an HTTP proxy: write http://host:port, or unset"
                                + " it"));
        return Optional.of(new Named(name, address));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> first(Map<String, String> variables, List<String> names) {
    return names.stream()
        .map(name -> variables.getOrDefault(name, ""))
        .filter(value -> !value.isBlank())
        .findFirst();
  }

  /** The proxy for requests to this host; empty to connect directly. */
  Optional<ProxyAddress> proxyFor(Origin origin) {
    return named(origin).map(Named::address);
  }

  private Optional<Named> named(Origin origin) {
    Optional<Named> named = origin.isTls() ? https : http;
    return named.filter(proxy -> !direct.covers(origin));
  }

  /** How requests to this host go, for the log; empty if the environment names no proxy for it. */
  Optional<String> describe(Origin origin) {
    Optional<Named> candidate = origin.isTls() ? https : http;
    return candidate.map(
        proxy ->
            direct.covers(origin)
                ? "directly, not through " + proxy.variable() + ", because of NO_PROXY"
                : "through the proxy " + proxy.address() + " of " + proxy.variable());
  }
}
