package dev.breakwater.registry;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import io.vertx.core.Future;
import java.util.Optional;

/** Reads the blobs of a repository. */
public interface Blobs {
  /** The blob's size and type; downloads nothing. */
  Future<Served<BlobStat>> stat(Digest digest);

  /**
   * Opens the blob for one answer. Completes as soon as the size is known, long before all bytes
   * need be here. The caller closes the body, whatever happens.
   *
   * @param range what the client asked for, so that those bytes can be fetched first; the body
   *     itself always counts from the blob's first byte
   */
  Future<Served<BlobBody>> open(Digest digest, Optional<RangeRequest> range);

  /**
   * Says that a client which has just got the whole blob asks for it again, as clients do that got
   * wrong bytes: before it is served again it should be proven. Never blocks.
   */
  default void doubt(Digest digest) {
    // Those without stored bytes have nothing to doubt.
  }
}
