package dev.breakwater.upstream;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Scheme, host and port: what credentials are bound to.
 *
 * @param scheme {@code http} or {@code https}
 * @param host in lower case; an IPv6 address in brackets
 * @param port never the "default" of -1
 */
record Origin(String scheme, String host, int port) {
  /** Underscores, which java.net.URI refuses, are common in the names of containers. */
  private static final Pattern AUTHORITY =
      Pattern.compile(
          "([a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9])?|\\[[0-9a-f:.]{2,45}\\])(?::([0-9]{1,5}))?");

  /**
   * The origin of an absolute URL; empty if it is not http(s), has user info, a trailing dot, a
   * port that is none, or a host in other letters than a host has.
   */
  static Optional<Origin> of(URI url) {
    String scheme = url.getScheme();
    String authority = url.getRawAuthority();
    if (scheme == null || authority == null) {
      return Optional.empty();
    }
    scheme = scheme.toLowerCase(Locale.ROOT);
    Matcher matcher = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!(scheme.equals("http") || scheme.equals("https")) || !matcher.matches()) {
      return Optional.empty();
    }
    String port = matcher.group(2);
    int number = port == null ? defaultPort(scheme) : Integer.parseInt(port);
    return number < 1 || number > 65_535
        ? Optional.empty()
        : Optional.of(new Origin(scheme, matcher.group(1), number));
  }

  boolean isTls() {
    return scheme.equals("https");
  }

  /** The port that goes without saying. */
  static int defaultPort(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }

  /** Host and, if it must be said, port: how messages name a registry. */
  String authority() {
    return port == defaultPort(scheme) ? host : host + ':' + port;
  }

  @Override
  public String toString() {
    return scheme + "://" + authority();
  }
}
