package dev.breakwater.registry;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;

/**
 * One repository of one zone, as the HTTP side sees it. Its futures complete on the Vert.x context
 * they were asked from, and fail with {@link dev.breakwater.oci.RegistryException}.
 */
public interface Repository {
  /** The zone it belongs to. */
  ZoneName zone();

  /** Its name within the zone. */
  RepositoryName name();

  /** Its manifests. */
  Manifests manifests();

  /** Its blobs. */
  Blobs blobs();

  /** Its tags. */
  TagList tags();

  /** What refers to its manifests. */
  Referrers referrers();
}
