package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to listen. Nothing is resolved here.
 *
 * @param host host name or IP address, an IPv6 address without brackets; {@code 0.0.0.0} is every
 *     interface
 * @param port 0 to 65535; 0 lets the system choose a free one
 */
public record ListenAddress(String host, int port) {
  private static final Pattern TEXT =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9._-]*)):([0-9]{1,5})");
  private static final String ANY = "0.0.0.0";

  /** Checks the port's range. */
  public ListenAddress {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("a listen address needs a host");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
  }

  /**
   * Reads {@code host:port}, {@code [::1]:5000} or {@code :5000}, which is every interface, as the
   * {@code REGISTRY_HTTP_ADDR} of {@code registry:2} writes it.
   */
  public static ListenAddress parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is not an address; write HOST:PORT, for example 0.0.0.0:5000");
    }
    int port = Integer.parseInt(matcher.group(3));
    if (matcher.group(1) != null) {
      return new ListenAddress(matcher.group(1), port);
    }
    return new ListenAddress(matcher.group(2).isEmpty() ? ANY : matcher.group(2), port);
  }

  /** Whether every interface is meant. */
  public boolean isWildcard() {
    return host.equals(ANY) || host.equals("::");
  }

  /** Whether only this machine can reach it. */
  public boolean isLoopback() {
    return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  /** Whether both cannot be bound at once; two ports chosen by the system never collide. */
  boolean collidesWith(ListenAddress other) {
    return port == other.port
        && port != 0
        && (host.equals(other.host) || isWildcard() || other.isWildcard());
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
