package dev.breakwater.http;

import io.vertx.core.net.SocketAddress;

/**
 * How a client reaches us, for what is told to it as a whole URL: a realm, {@code Location}.
 *
 * @param scheme {@code http} or {@code https}
 * @param host a name or an address, an IPv6 address in brackets
 * @param port 1 to 65535
 */
record ExternalUrl(String scheme, String host, int port) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final int HIGHEST_PORT = 65535;

  /**
   * The URL of a scheme and what a {@code Host} header holds.
   *
   * @param authority host and port; without a port it is the scheme's own
   */
  static ExternalUrl of(boolean secure, String authority) {
    int colon = authority.lastIndexOf(':');
    boolean hasPort = colon > authority.lastIndexOf(']');
    int port = hasPort ? Integer.parseInt(authority, colon + 1, authority.length(), 10) : 0;
    return new ExternalUrl(
        secure ? "https" : "http",
        hasPort ? authority.substring(0, colon) : authority,
        port > 0 && port <= HIGHEST_PORT ? port : secure ? HTTPS : HTTP);
  }

  /** What a client that does not say it must have used: the address it is connected to. */
  static String authority(SocketAddress local) {
    String host = String.valueOf(local.hostAddress());
    return (host.indexOf(':') < 0 ? host : "[" + host.replaceFirst("%.*", "") + "]")
        + ":"
        + local.port();
  }

  /** Whether the client speaks TLS, to us or to the proxy before us. */
  boolean isSecure() {
    return scheme.equals("https");
  }

  /** The URL of a path that begins with a slash. */
  String at(String path) {
    return this + path;
  }

  /** Without a slash at its end, and without a port that the scheme implies. */
  @Override
  public String toString() {
    return scheme + "://" + host + (port == (isSecure() ? HTTPS : HTTP) ? "" : ":" + port);
  }
}
