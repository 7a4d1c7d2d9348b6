package dev.breakwater.upstream;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Where one HTTP request goes.
 *
 * @param origin whom to connect to
 * @param requestUri raw path and query; the query may be a signature and is never logged
 */
record Target(Origin origin, String requestUri) {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /** The target of an absolute URL, if it has an acceptable origin. */
  static Optional<Target> of(URI url) {
    return Origin.of(url).map(origin -> new Target(origin, requestUri(url)));
  }

  /** The whole URL, secrets included. */
  String url() {
    return origin + requestUri;
  }

  /** What a reference in an answer from here leads to; empty if that is no acceptable place. */
  Optional<Target> resolve(String reference) {
    String text = reference.strip();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      // java.net.URI resolves a bare query against the directory, not the document.
      String full = text.startsWith("?") ? origin + path() + text : text;
      return of(new URI(url()).resolve(new URI(escape(full))));
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Storage servers leave characters as they are that java.net.URI wants escaped. */
  private static String escape(String url) {
    StringBuilder escaped = new StringBuilder(url.length());
    for (byte octet : url.getBytes(StandardCharsets.UTF_8)) {
      if (octet < 0 || "\"<>\\^`{|}".indexOf(octet) >= 0) {
        escaped.append('%').append(HEX.toHexDigits(octet));
      } else {
        escaped.append((char) octet);
      }
    }
    return escaped.toString();
  }

  private String path() {
    int query = requestUri.indexOf('?');
    return query < 0 ? requestUri : requestUri.substring(0, query);
  }

  private static String requestUri(URI url) {
    String path = url.getRawPath();
    String text = path == null || path.isEmpty() ? "/" : path;
    return url.getRawQuery() == null ? text : text + '?' + url.getRawQuery();
  }

  @Override
  public String toString() {
    return origin + path();
  }
}
