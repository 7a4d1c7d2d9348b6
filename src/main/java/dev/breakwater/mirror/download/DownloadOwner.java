package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import io.vertx.core.Future;

/** What downloads ask of the mirror that they belong to. Thread-safe. */
public interface DownloadOwner {
  /**
   * Makes a blob that is in the store known to the index; called on an event loop. Completes on any
   * thread.
   *
   * @param size of the blob in bytes, proven
   */
  Future<Void> publish(Digest digest, BlobSource source, long size);

  /** What a client is told when its blob, which the subject names, does not come to its end. */
  RuntimeException refusal(String subject, Throwable failure);
}
