package dev.breakwater.upstream;

import java.net.URI;

/**
 * One base address of a registry: its own, or a mirror's.
 *
 * @param origin whom credentials and challenges are exchanged with
 * @param prefix path in front of {@code /v2/}, without a final slash
 * @param primary whether its "no" is final; a mirror's is not
 */
record Endpoint(Origin origin, String prefix, boolean primary) {
  static Endpoint of(URI base, boolean primary) {
    String path = base.getRawPath() == null ? "" : base.getRawPath();
    String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return new Endpoint(Origin.of(base).orElseThrow(), prefix, primary);
  }

  /** The place of a path that begins with {@code /v2/}. */
  Target target(String pathAndQuery) {
    return new Target(origin, prefix + pathAndQuery);
  }
}
