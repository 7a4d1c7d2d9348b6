package dev.breakwater.e2e;

import java.util.List;
import java.util.Set;

/**
 * An image on the upstream registry.
 *
 * @param digest of what the tag names: a manifest, or an index
 * @param configDigest of the configuration for this machine's platform: docker's image id
 * @param marker the one line that a container of it prints
 * @param needed digests of config and layers for this machine's platform
 * @param blobs digests of config and layers for all platforms
 * @param manifests how many manifests it has, the index included
 */
record TestImage(
    String repository,
    String tag,
    String digest,
    String configDigest,
    String marker,
    Set<String> needed,
    Set<String> blobs,
    int manifests,
    Set<Trait> traits) {

  /** What a client must be able to do to use the image. */
  enum Trait {
    /** A layer is compressed by zstd. */
    ZSTD
  }

  TestImage {
    needed = Set.copyOf(needed);
    blobs = Set.copyOf(blobs);
    traits = Set.copyOf(traits);
  }

  /** {@code docker.io/<repository>:<tag>} */
  String byTag() {
    return "docker.io/" + repository + ":" + tag;
  }

  /** {@code docker.io/<repository>@<digest>} */
  String byDigest() {
    return "docker.io/" + repository + "@" + digest;
  }

  /** Both ways to name it. */
  List<String> references() {
    return List.of(byTag(), byDigest());
  }
}
