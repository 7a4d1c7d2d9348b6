package dev.breakwater.mirror;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Registry;
import dev.breakwater.registry.Repository;
import dev.breakwater.upstream.UpstreamRegistry;

/** One upstream registry, mirrored. */
public final class PullThroughRegistry implements Registry {
  private final PullThrough mirror;
  private final UpstreamRegistry upstream;

  /** A mirror of this upstream. */
  public PullThroughRegistry(PullThrough mirror, UpstreamRegistry upstream) {
    this.mirror = mirror;
    this.upstream = upstream;
  }

  @Override
  public ZoneName zone() {
    return upstream.zone();
  }

  @Override
  public Repository repository(RepositoryName name) {
    return new PullThroughRepository(mirror, new BlobSource(upstream, name));
  }
}
