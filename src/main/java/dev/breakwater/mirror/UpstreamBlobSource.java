package dev.breakwater.mirror;

import dev.breakwater.mirror.download.BlobSource;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.BlobTransfer;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;
import java.util.OptionalLong;

/**
 * A repository of an upstream, in which the asking client may read.
 *
 * @param upstream the registry
 * @param repository the repository there
 */
record UpstreamBlobSource(UpstreamRegistry upstream, RepositoryName repository)
    implements BlobSource {
  @Override
  public ZoneName zone() {
    return upstream.zone();
  }

  @Override
  public Future<BlobTransfer> open(Digest digest, long first, OptionalLong last) {
    return upstream.openBlob(repository, digest, first, last);
  }

  /** For messages: {@code library/nginx from docker.io}. */
  @Override
  public String toString() {
    return repository + " from " + zone();
  }
}
