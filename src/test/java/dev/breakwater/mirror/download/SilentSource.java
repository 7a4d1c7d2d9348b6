package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.BlobTransfer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.OptionalLong;

/** Never answers. */
final class SilentSource implements BlobSource {
  @Override
  public ZoneName zone() {
    return new ZoneName("docker.io");
  }

  @Override
  public RepositoryName repository() {
    return new RepositoryName("library/nginx");
  }

  @Override
  public Future<BlobTransfer> open(Digest digest, long first, OptionalLong last) {
    return Promise.<BlobTransfer>promise().future();
  }

  @Override
  public String toString() {
    return repository() + " from " + zone();
  }
}
