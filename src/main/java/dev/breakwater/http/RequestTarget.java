package dev.breakwater.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a request line asks for, in origin form whatever the form it came in. Proxies send the
 * absolute form ({@code GET http://host/v2/ HTTP/1.1}); a server must accept it, and its host
 * counts more than the {@code Host} header (RFC 9112 §3.2.2). Not validated: see {@link
 * FrontFilter}.
 *
 * @param host the host, maybe with a port; empty if an HTTP/1.0 client named none
 * @param uri the path and query
 * @param isAbsolute whether the host is from the request line
 */
record RequestTarget(String host, String uri, boolean isAbsolute) {
  private static final String[] SCHEMES = {"http://", "https://"};

  /**
   * Reads a request target.
   *
   * @param target the request line's second word
   * @param host the {@code Host} header, if there is one
   */
  static RequestTarget of(String target, @Nullable String host) {
    for (String scheme : SCHEMES) {
      if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return absolute(target, scheme.length());
      }
    }
    return new RequestTarget(Objects.requireNonNullElse(host, ""), target, false);
  }

  private static RequestTarget absolute(String target, int start) {
    int end = start;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    String uri = target.substring(end);
    return new RequestTarget(
        target.substring(start, end), uri.startsWith("/") ? uri : "/" + uri, true);
  }

  /** The raw path, without the query. */
  String path() {
    int question = uri.indexOf('?');
    return question < 0 ? uri : uri.substring(0, question);
  }
}
