package dev.breakwater.upstream;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An HTTP proxy. Its text has neither user name nor password.
 *
 * @param host a name, or an address without brackets
 * @param port its port
 * @param login who we are there; percent-encoding is decoded
 */
record ProxyAddress(String host, int port, Optional<Credentials> login) {
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?:http://)?(?:(?<login>[^/]*)@)?(?<host>[^\\[\\]:/?#@\\s]+|\\[[0-9a-f:.]+\\])"
              + "(?::(?<port>[0-9]{1,5}))?/?",
          Pattern.CASE_INSENSITIVE);

  /**
   * Reads {@code http://user:password@host:port}; everything but the host may be left out.
   *
   * @return empty if it is something else, such as a proxy of another scheme
   */
  static Optional<ProxyAddress> parse(String text, int defaultPort) {
    Matcher matcher = ADDRESS.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String port = matcher.group("port");
    int number = port == null ? defaultPort : Integer.parseInt(port);
    if (number < 1 || number > 65_535) {
      return Optional.empty();
    }
    String host = matcher.group("host").toLowerCase(Locale.ROOT);
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    try {
      return Optional.of(
          new ProxyAddress(
              bare, number, Optional.ofNullable(matcher.group("login")).map(ProxyAddress::login)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Credentials login(String userInfo) {
    int colon = userInfo.indexOf(':');
    return new Credentials(
        decoded(colon < 0 ? userInfo : userInfo.substring(0, colon)),
        decoded(colon < 0 ? "" : userInfo.substring(colon + 1)));
  }

  /** Percent-decoded; as it stands if a percent sign does not begin an escape. */
  private static String decoded(String text) {
    try {
      // URLDecoder is for forms, where a plus is a space.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  @Override
  public String toString() {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
