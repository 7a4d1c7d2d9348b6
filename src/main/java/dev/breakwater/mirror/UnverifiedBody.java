package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import io.vertx.core.Future;

/**
 * One answer from a large blob that is still being hashed. Its head may leave at once, which
 * clients insist on; its first byte waits for the proof, or comes from upstream if the blob is bad.
 */
final class UnverifiedBody implements BlobBody {
  private final Digest digest;
  private final long size;
  private final Future<BlobBody> settled;
  private boolean closed;

  /**
   * Waits for the proof.
   *
   * @param settled where the bytes come from in the end; this body closes it
   */
  UnverifiedBody(Digest digest, long size, Future<BlobBody> settled) {
    this.digest = digest;
    this.size = size;
    this.settled = settled;
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Future<Region> next(long from, long to) {
    return settled.compose(body -> body.next(from, to));
  }

  @Override
  public void unreadable(Throwable cause) {
    settled.onSuccess(body -> body.unreadable(cause));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      settled.onSuccess(BlobBody::close);
    }
  }
}
