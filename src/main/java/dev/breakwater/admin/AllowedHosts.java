package dev.breakwater.admin;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names under which the admin listener may be asked for. A web page can have its own name
 * resolve to this machine's address (DNS rebinding), and the browser then takes the page and the
 * admin listener for one site; but the {@code Host} header still has the page's name. So only names
 * that no stranger can have resolve as they like are answered: IP addresses, {@code localhost}, and
 * the given ones. Immutable.
 */
final class AllowedHosts {
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
  private static final Pattern PORT = Pattern.compile("(:[0-9]{0,5})?");
  private static final String LOOPBACK = "localhost";

  private final Set<String> names;

  /** With these names beside those that are always allowed; without ports, case does not count. */
  AllowedHosts(Collection<String> names) {
    this.names = names.stream().map(AllowedHosts::folded).collect(Collectors.toUnmodifiableSet());
  }

  /** Whether a {@code Host} header, maybe with a port, is one of them. */
  boolean allows(String authority) {
    if (authority.startsWith("[")) {
      int end = authority.indexOf(']');
      return end > 0
          && PORT.matcher(authority.substring(end + 1)).matches()
          && isIpv6(authority.substring(1, end));
    }
    int colon = authority.indexOf(':');
    int end = colon < 0 ? authority.length() : colon;
    return PORT.matcher(authority.substring(end)).matches()
        && isAllowed(folded(authority.substring(0, end)));
  }

  private boolean isAllowed(String host) {
    return host.equals(LOOPBACK)
        || host.endsWith("." + LOOPBACK)
        || IPV4.matcher(host).matches()
        || names.contains(host);
  }

  private static boolean isIpv6(String text) {
    try {
      return text.indexOf(':') >= 0 && InetAddress.ofLiteral(text) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** A dot at the end is the root of all names and changes nothing. */
  private static String folded(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.length() > 1 && lower.endsWith(".")
        ? lower.substring(0, lower.length() - 1)
        : lower;
  }
}
