package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.BlobFile;
import io.vertx.core.Future;

/** One answer from a blob that is in the store. */
final class StoredBody implements BlobBody {
  private final Digest digest;
  private final BlobFile file;
  private boolean closed;

  /** Takes over the caller's reference to the file. */
  StoredBody(Digest digest, BlobFile file) {
    this.digest = digest;
    this.file = file;
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public long size() {
    return file.size();
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
