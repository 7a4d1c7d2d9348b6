package dev.breakwater.e2e;

import java.nio.file.Path;

/**
 * Where the engines are: Debian's in its own directories, today's where install-peers.sh builds
 * them.
 */
final class Engines {
  /** Nothing else, so that an engine does not start another generation's helper. */
  static final String DEBIAN_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

  private Engines() {}

  /** The directory with the current dockerd and containerd; see profile {@code modern-engines}. */
  static Path modern() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path caches =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return caches.resolve("breakwater").resolve("engines");
  }

  /** A search path with {@link #modern()} first; runc still comes from Debian. */
  static String modernPath() {
    return modern() + ":" + DEBIAN_PATH;
  }
}
