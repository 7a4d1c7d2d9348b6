package dev.breakwater.upstream;

import java.net.URI;
import java.util.Optional;

/**
 * Where one HTTP request goes.
 *
 * @param origin whom to connect to
 * @param requestUri raw path and query; the query may be a signature and is never logged
 */
record Target(Origin origin, String requestUri) {
  /** The target of an absolute URL, if it has an acceptable origin. */
  static Optional<Target> of(URI url) {
    return Origin.of(url).map(origin -> new Target(origin, requestUri(url)));
  }

  /** The whole URL, secrets included. */
  String url() {
    return origin + requestUri;
  }

  private static String requestUri(URI url) {
    String path = url.getRawPath();
    String text = path == null || path.isEmpty() ? "/" : path;
    return url.getRawQuery() == null ? text : text + '?' + url.getRawQuery();
  }

  @Override
  public String toString() {
    int query = requestUri.indexOf('?');
    return origin + (query < 0 ? requestUri : requestUri.substring(0, query));
  }
}
