package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Registry;
import dev.breakwater.registry.Repository;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;

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

  /** Fetches a blob into the store; completes with whether it is there then. */
  public Future<Boolean> refetch(RepositoryName repository, Digest digest, long size) {
    return mirror
        .downloads()
        .prefetch(digest, new BlobSource(upstream, repository), size)
        .compose(ended -> mirror.downloads().ended(digest))
        .compose(ended -> mirror.store().isStored(digest));
  }
}
