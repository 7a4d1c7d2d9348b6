package dev.breakwater.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What counts as one client where clients have limits or take turns: an IPv4 address, or the /64
 * network of an IPv6 address, because one machine usually may take any address of its /64 (RFC
 * 4291, section 2.5.1).
 */
final class ClientNetwork {
  private static final int NETWORK_BYTES = 8;

  private ClientNetwork() {}

  /** For an address as text; other text stays as it is. */
  static String of(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      InetAddress parsed = InetAddress.ofLiteral(address.replaceFirst("%.*", ""));
      if (!(parsed instanceof Inet6Address)) {
        return parsed.getHostAddress();
      }
      byte[] network = Arrays.copyOf(parsed.getAddress(), NETWORK_BYTES);
      byte[] whole = Arrays.copyOf(network, parsed.getAddress().length);
      return InetAddress.getByAddress(whole).getHostAddress() + "/64";
    } catch (IllegalArgumentException | UnknownHostException e) {
      return address;
    }
  }
}
