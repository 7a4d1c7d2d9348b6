package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Registry;
import dev.breakwater.registry.Repository;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;

/** One upstream registry, mirrored. Thread-safe. */
public final class PullThroughRegistry implements Registry {
  /** Clients choose the names; what is evicted is made anew. */
  private static final int REPOSITORIES = 1_000;

  private final PullThrough mirror;
  private final UpstreamRegistry upstream;
  private final LoadingCache<RepositoryName, Repository> repositories;

  /** A mirror of this upstream. */
  public PullThroughRegistry(PullThrough mirror, UpstreamRegistry upstream) {
    this.mirror = mirror;
    this.upstream = upstream;
    this.repositories =
        Caffeine.newBuilder()
            .maximumSize(REPOSITORIES)
            .build(name -> mirror.repository(new UpstreamBlobSource(upstream, name)));
  }

  @Override
  public ZoneName zone() {
    return upstream.zone();
  }

  @Override
  public Repository repository(RepositoryName name) {
    return repositories.get(name);
  }

  /** Fetches a blob into the store; completes with whether it is there then. */
  public Future<Boolean> refetch(RepositoryName repository, Digest digest, long size) {
    return mirror.refetch(new UpstreamBlobSource(upstream, repository), digest, size);
  }
}
