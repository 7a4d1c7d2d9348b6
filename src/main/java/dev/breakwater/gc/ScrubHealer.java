package dev.breakwater.gc;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;

/** Gets a blob again from where it came. */
@FunctionalInterface
public interface ScrubHealer {
  /**
   * Fetches the blob into the store; completes, on any thread, with whether it is there then.
   *
   * @param size what the repository says its length is, or -1
   */
  Future<Boolean> refetch(ZoneName zone, RepositoryName repository, Digest digest, long size);
}
