package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.BlobTransfer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.OptionalLong;

/**
 * A repository of Docker Hub that answers as a test says.
 *
 * @param opener is asked for each transfer
 */
record ScriptedSource(Opener opener) implements BlobSource {
  /** Opens a transfer. */
  @FunctionalInterface
  interface Opener {
    Future<BlobTransfer> open(Digest digest, long first, OptionalLong last);
  }

  /** Never answers. */
  static ScriptedSource silent() {
    return new ScriptedSource((digest, first, last) -> Promise.<BlobTransfer>promise().future());
  }

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
    return opener.open(digest, first, last);
  }

  @Override
  public String toString() {
    return repository() + " from " + zone();
  }
}
