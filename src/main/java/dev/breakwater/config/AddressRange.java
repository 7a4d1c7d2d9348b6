package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of IP addresses. Nothing is resolved here.
 *
 * @param network its first address
 * @param prefix how many leading bits all its addresses share
 */
public record AddressRange(InetAddress network, int prefix) {
  private static final Pattern LITERAL =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /**
   * Reads {@code 10.0.0.0/8}, {@code fd00::/8}, or one address; throws {@link
   * IllegalArgumentException} that says what to write.
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = literal(text, slash < 0 ? text : text.substring(0, slash));
    int bits = address.getAddress().length * Byte.SIZE;
    String length = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
    if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bits) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " has no prefix length from 0 to " + bits + " after the slash");
    }
    int prefix = Integer.parseInt(length);
    AddressRange range = new AddressRange(first(address, prefix), prefix);
    if (!range.network.equals(address)) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " begins in the middle of a range; write " + range);
    }
    return range;
  }

  /** Whether the address is one of them; an IPv4 address is in no range of IPv6 addresses. */
  public boolean contains(InetAddress address) {
    return address.getAddress().length == network.getAddress().length
        && first(address, prefix).equals(network);
  }

  private static InetAddress literal(String text, String address) {
    if (LITERAL.matcher(address).matches()) {
      try {
        return InetAddress.ofLiteral(address);
      } catch (IllegalArgumentException e) {
        throw notARange(text, e);
      }
    }
    throw notARange(text, null);
  }

  private static IllegalArgumentException notARange(String text, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        Quoted.of(text)
            + " is not a range of IP addresses; write for example 10.0.0.0/8, fd00::/8 or"
            + " 192.0.2.7",
        cause);
  }

  private static InetAddress first(InetAddress address, int prefix) {
    byte[] bytes = address.getAddress();
    for (int i = 0; i < bytes.length; i++) {
      int kept = Math.clamp(prefix - (long) i * Byte.SIZE, 0, Byte.SIZE);
      bytes[i] &= (byte) (0xff << (Byte.SIZE - kept));
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefix;
  }
}
