package dev.breakwater.http;

import io.vertx.core.MultiMap;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the proxies before us say of a request: {@code X-Forwarded-For}, {@code -Proto}, {@code
 * -Host} and {@code -Port}, or {@code Forwarded} (RFC 7239). A pure reading.
 *
 * <p>A proxy adds the address it was asked from at the end of a list, and what stands before that
 * may be the client's invention. So lists are read from their end: each address that is itself a
 * trusted proxy vouches for the one before it.
 *
 * @param client the address of the client; null if the proxy's own counts
 * @param scheme {@code http}, {@code https}, or null if it is not said
 * @param host a host, with or without a port, or null if it is not said
 * @param port a port that belongs to a host without one, or 0
 */
record ForwardedHeaders(
    @Nullable String client, @Nullable String scheme, @Nullable String host, int port) {
  static final ForwardedHeaders NONE = new ForwardedHeaders(null, null, null, 0);

  private static final String FOR = "X-Forwarded-For";
  private static final String PROTO = "X-Forwarded-Proto";
  private static final String HOST = "X-Forwarded-Host";
  private static final String PORT = "X-Forwarded-Port";
  private static final String FORWARDED = "Forwarded";

  /** Proxies in a row; of a longer list the end counts. */
  private static final int MOST_HOPS = 16;

  /** One element of {@code Forwarded}, or what stands at one place of the other lists. */
  private record Hop(@Nullable String address, @Nullable String scheme, @Nullable String host) {}

  /** Reads a request that came from a trusted proxy. */
  static ForwardedHeaders read(MultiMap headers, Predicate<InetAddress> trusted) {
    List<String> standard = list(headers, FORWARDED);
    List<String> addresses = list(headers, FOR);
    boolean usual = !addresses.isEmpty() || headers.contains(PROTO) || headers.contains(HOST);
    if (standard.isEmpty() && !usual) {
      return NONE;
    }
    ForwardedHeaders byForwarded = ofForwarded(standard, trusted);
    if (!usual) {
      return byForwarded;
    }
    ForwardedHeaders byUsual = ofUsual(headers, addresses, trusted);
    // A proxy that sets one kind lets the other pass, so one of the two is the client's.
    return standard.isEmpty() || byUsual.equals(byForwarded) ? byUsual : NONE;
  }

  /** What the request's {@code Host} would be, had it come straight from the client. */
  String authority(String own) {
    String named = host == null ? own : host;
    boolean hasPort = named.lastIndexOf(':') > named.lastIndexOf(']');
    return hasPort || port == 0 ? named : named + ":" + port;
  }

  private static ForwardedHeaders ofForwarded(
      List<String> elements, Predicate<InetAddress> trusted) {
    List<Hop> hops = elements.stream().map(ForwardedHeaders::hop).toList();
    List<@Nullable String> addresses = new ArrayList<>();
    hops.forEach(hop -> addresses.add(hop.address));
    int at = client(addresses, trusted);
    if (hops.isEmpty()) {
      return NONE;
    }
    Hop hop = hops.get(Math.max(at, 0));
    return new ForwardedHeaders(at < 0 ? null : hop.address, hop.scheme, hop.host, 0);
  }

  private static ForwardedHeaders ofUsual(
      MultiMap headers, List<String> texts, Predicate<InetAddress> trusted) {
    List<@Nullable String> addresses = new ArrayList<>();
    texts.forEach(text -> addresses.add(address(text)));
    int at = client(addresses, trusted);
    int hopsBehind = at < 0 ? 0 : addresses.size() - 1 - at;
    String port = fromEnd(list(headers, PORT), hopsBehind);
    return new ForwardedHeaders(
        at < 0 ? null : addresses.get(at),
        scheme(fromEnd(list(headers, PROTO), hopsBehind)),
        host(fromEnd(list(headers, HOST), hopsBehind)),
        port != null && port.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(port) : 0);
  }

  /** The place of the client's address: the last that no trusted proxy has; -1 for none. */
  private static int client(List<@Nullable String> addresses, Predicate<InetAddress> trusted) {
    int found = -1;
    for (int i = addresses.size() - 1; i >= 0; i--) {
      String address = addresses.get(i);
      if (address == null) {
        return found;
      }
      found = i;
      if (!trusted.test(InetAddress.ofLiteral(address))) {
        return found;
      }
    }
    return found;
  }

  /** Lists of several hops are as long as the list of addresses; most proxies write one word. */
  private static @Nullable String fromEnd(List<String> list, int behind) {
    return list.isEmpty() ? null : list.get(Math.max(0, list.size() - 1 - behind));
  }

  private static List<String> list(MultiMap headers, String name) {
    List<String> all = new ArrayList<>();
    for (String line : headers.getAll(name)) {
      for (String item : line.split(",", -1)) {
        all.add(item.strip());
      }
    }
    return all.size() > MOST_HOPS ? all.subList(all.size() - MOST_HOPS, all.size()) : all;
  }

  private static Hop hop(String element) {
    String address = null;
    String scheme = null;
    String host = null;
    for (String pair : element.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        String value = unquoted(pair.substring(equals + 1).strip());
        switch (pair.substring(0, equals).strip().toLowerCase(Locale.ROOT)) {
          case "for" -> address = address(value);
          case "proto" -> scheme = scheme(value);
          case "host" -> host = host(value);
          default -> {}
        }
      }
    }
    return new Hop(address, scheme, host);
  }

  private static String unquoted(String value) {
    return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  /** The address without brackets and port, in its shortest usual form; null if it is none. */
  private static @Nullable String address(String text) {
    String bare = text;
    if (text.startsWith("[")) {
      bare = text.replaceFirst("^\\[([^]]*)](:[0-9]{1,5})?$", "$1");
    } else if (text.indexOf(':') == text.lastIndexOf(':')) {
      bare = text.replaceFirst(":[0-9]{1,5}$", "");
    }
    if (!bare.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(bare).getHostAddress();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable String scheme(@Nullable String text) {
    String lower = text == null ? "" : text.toLowerCase(Locale.ROOT);
    return lower.equals("http") || lower.equals("https") ? lower : null;
  }

  private static @Nullable String host(@Nullable String text) {
    return text != null && FrontFilter.isHost(text) ? text : null;
  }
}
