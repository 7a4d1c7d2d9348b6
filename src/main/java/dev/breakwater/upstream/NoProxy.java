package dev.breakwater.upstream;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The hosts of {@code NO_PROXY}: names (with all their subdomains), {@code .name} or {@code *.name}
 * (the subdomains only), addresses, address ranges as {@code 10.0.0.0/8}, each but a range maybe
 * with a port, and {@code *} for all. Ranges match addresses as they stand in a URL; no name is
 * looked up. {@code localhost} and loopback addresses are always covered. Immutable.
 */
final class NoProxy {
  private static final Pattern LITERAL =
      Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*");

  /** A host as it stands in a URL; {@code address} is empty for a name. */
  private record Host(String name, int port, Optional<InetAddress> address) {}

  private final List<Predicate<Host>> rules;

  private NoProxy(List<Predicate<Host>> rules) {
    this.rules = List.copyOf(rules);
  }

  /** Reads a list with commas between its entries; malformed ones cover nothing. */
  static NoProxy parse(String text) {
    List<Predicate<Host>> rules = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String entry = part.strip().toLowerCase(Locale.ROOT);
      if (!entry.isEmpty()) {
        rule(entry).ifPresent(rules::add);
      }
    }
    return new NoProxy(rules);
  }

  private static Optional<Predicate<Host>> rule(String entry) {
    if (entry.equals("*")) {
      return Optional.of(host -> true);
    }
    int slash = entry.indexOf('/');
    if (slash >= 0) {
      return range(entry.substring(0, slash), entry.substring(slash + 1));
    }
    String name = entry;
    Optional<Integer> port = Optional.empty();
    int colon = entry.lastIndexOf(':');
    boolean isBareV6 = colon >= 0 && entry.indexOf(':') < colon && !entry.startsWith("[");
    if (colon > entry.lastIndexOf(']') && !isBareV6) {
      String digits = entry.substring(colon + 1);
      if (!digits.matches("[0-9]{1,5}")) {
        return Optional.empty();
      }
      name = entry.substring(0, colon);
      port = Optional.of(Integer.parseInt(digits));
    }
    return name.isEmpty() ? Optional.empty() : Optional.of(host(bare(name), port));
  }

  private static Predicate<Host> host(String name, Optional<Integer> port) {
    Predicate<Host> here = host -> port.isEmpty() || port.get() == host.port();
    Optional<InetAddress> address = address(name);
    if (address.isPresent()) {
      return here.and(host -> host.address().equals(address));
    }
    String plain = name.startsWith("*.") ? name.substring(1) : name;
    if (plain.startsWith(".")) {
      return here.and(host -> host.name().endsWith(plain));
    }
    return here.and(host -> host.name().equals(plain) || host.name().endsWith("." + plain));
  }

  private static Optional<Predicate<Host>> range(String start, String length) {
    Optional<InetAddress> address = address(start);
    if (address.isEmpty() || !length.matches("[0-9]{1,3}")) {
      return Optional.empty();
    }
    byte[] network = address.get().getAddress();
    int bits = Integer.parseInt(length);
    return bits > network.length * 8
        ? Optional.empty()
        : Optional.of(
            host -> host.address().filter(each -> isWithin(each, network, bits)).isPresent());
  }

  private static boolean isWithin(InetAddress address, byte[] network, int bits) {
    byte[] bytes = address.getAddress();
    int whole = bits / 8;
    int rest = bits % 8;
    int mask = (0xff << (8 - rest)) & 0xff;
    return bytes.length == network.length
        && Arrays.equals(bytes, 0, whole, network, 0, whole)
        && (rest == 0 || (bytes[whole] & mask) == (network[whole] & mask));
  }

  /** Whether this host is reached without a proxy. */
  boolean covers(Origin origin) {
    String name = bare(origin.host());
    Optional<InetAddress> address = address(name);
    Host host = new Host(name, origin.port(), address);
    return name.equals("localhost")
        || address.filter(InetAddress::isLoopbackAddress).isPresent()
        || rules.stream().anyMatch(rule -> rule.test(host));
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** The address that a literal is; a name is not looked up. */
  private static Optional<InetAddress> address(String text) {
    if (!LITERAL.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
