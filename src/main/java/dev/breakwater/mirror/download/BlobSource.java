package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.BlobTransfer;
import io.vertx.core.Future;
import java.util.OptionalLong;

/**
 * Where a download fetches its blob from, such as a repository of an upstream. Two sources are
 * equal if who may read from one may read from the other. {@code toString} names it in messages.
 */
public interface BlobSource {
  /** The zone that the bytes come from: bounds and statistics count by it. */
  ZoneName zone();

  /** The repository in which the asking client may read the blob. */
  RepositoryName repository();

  /**
   * Asks for bytes of a blob. The transfer is paused: set its handlers, then resume it. Fails with
   * {@link dev.breakwater.upstream.UpstreamException}.
   *
   * @param first offset of the first byte wanted
   * @param last offset of the last byte wanted, or empty for all that follow
   */
  Future<BlobTransfer> open(Digest digest, long first, OptionalLong last);
}
