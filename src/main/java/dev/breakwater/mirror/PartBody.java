package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.BlobFile;
import io.vertx.core.Future;

/** One answer from the bytes that an unfinished download has left or already written. */
final class PartBody implements BlobBody {
  private final Digest digest;
  private final long size;
  private final BlobFile file;
  private boolean closed;

  /**
   * Takes over the caller's reference to the file; only bytes that are present may be asked for.
   *
   * @param size of the whole blob
   */
  PartBody(Digest digest, long size, BlobFile file) {
    this.digest = digest;
    this.size = size;
    this.file = file;
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
    return Future.succeededFuture(new Region.OfFile(file.channel(), from, to - from));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      file.release();
    }
  }
}
