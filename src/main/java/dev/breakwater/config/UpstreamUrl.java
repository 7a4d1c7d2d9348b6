package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of registries and proxies, checked. What is refused is quoted only when it cannot hold
 * a password.
 */
final class UpstreamUrl {
  /** In place of an address that was refused, until the configuration is. */
  static final URI NONE = URI.create("https://invalid.invalid");

  private UpstreamUrl() {}

  /** A registry: {@code http} or {@code https}, a host, maybe a port and a path. */
  static URI parse(String text) {
    URI uri = checked(text);
    String path = uri.getRawPath().replaceFirst("/+$", "");
    if (path.endsWith("/v2")) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " ends in /v2; leave that out, it is added to every request");
    }
    return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path);
  }

  /** A proxy: {@code http://host:port}, maybe with a user name and password. */
  static URI parseProxy(String text) {
    if (text.contains("//" + Secret.REDACTED + "@")) {
      throw new IllegalArgumentException(
          Secret.REDACTED
              + " stands in for user and password where a configuration is printed; write"
              + " http://USER:PASSWORD@HOST:PORT");
    }
    try {
      URI uri = new URI(text);
      if ("http".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getPort() > 0
          && uri.getPort() <= 65535
          && uri.getRawPath().matches("/?")
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return URI.create("http://" + uri.getRawAuthority());
      }
    } catch (URISyntaxException e) {
      throw noProxy(text, e);
    }
    throw noProxy(text, null);
  }

  /** Its text is not repeated if it may hold a password. */
  private static IllegalArgumentException noProxy(String text, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        (text.contains("@") ? "the address" : Quoted.of(text))
            + " is not a proxy; write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with"
            + " special characters of user and password percent-encoded",
        cause);
  }

  /** A host, maybe with a port: {@code auth.docker.io}. */
  static String parseRealm(String text) {
    if (!text.matches("[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?(:[0-9]{1,5})?")) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is not a host name in lower case; write for example auth.docker.io, without"
              + " https://");
    }
    return text;
  }

  private static URI checked(String text) {
    if (text.contains("@")) {
      throw new IllegalArgumentException(
          "the URL must not hold a user name or password; write them under accounts");
    }
    URI uri = syntax(text);
    if (uri.getScheme() == null || !uri.getScheme().matches("https?")) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is not a URL with http:// or https:// in front");
    }
    if (uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65535) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " has no valid host and port; write for example https://ghcr.io");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "the URL of " + Quoted.escape(uri.getHost()) + " must end before its '?' or '#'");
    }
    return uri;
  }

  private static URI syntax(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is not a URL; write for example https://ghcr.io", e);
    }
  }
}
