package dev.breakwater.clientconfig;

import dev.breakwater.oci.Quoted;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How clients reach Breakwater. Nothing is resolved here.
 *
 * @param scheme {@code http} or {@code https}
 * @param host host name or IP address, an IPv6 address in brackets
 * @param port 1 to 65535
 */
public record MirrorUrl(String scheme, String host, int port) {
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?";
  private static final String HOST =
      LABEL + "(?:\\." + LABEL + ")*|\\[[0-9A-Fa-f]*(?::[0-9A-Fa-f.]*){2,7}]";
  private static final Pattern URL =
      Pattern.compile("(https?)://(" + HOST + ")(?::([0-9]{1,5}))?/?");
  private static final int LONGEST_HOST = 253;

  /**
   * Reads {@code http://HOST:PORT}; the port may be left out. Throws {@link
   * IllegalArgumentException} for anything else, a path included.
   */
  public static MirrorUrl parse(String text) {
    Matcher matcher = URL.matcher(text);
    if (!matcher.matches() || matcher.group(2).length() > LONGEST_HOST) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is not the URL of a mirror; write http://HOST:PORT or https://HOST");
    }
    String scheme = matcher.group(1);
    int port =
        matcher.group(3) != null
            ? Integer.parseInt(matcher.group(3))
            : scheme.equals("https") ? 443 : 80;
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
    }
    return new MirrorUrl(scheme, matcher.group(2), port);
  }

  /** HOST:PORT, the port always written: Docker takes a name without one for a path of its Hub. */
  public String address() {
    return host + ":" + port;
  }

  /** Whether clients speak TLS. */
  public boolean isTls() {
    return scheme.equals("https");
  }

  /** Whether it is a loopback address, from which Docker takes plain HTTP without being told. */
  public boolean isLoopback() {
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  @Override
  public String toString() {
    return scheme + "://" + address();
  }
}
