package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import io.vertx.core.Future;

/**
 * A body whose end is a use of the blob: a slow client may need longer for a large blob than unused
 * blobs are kept for.
 */
final class UsedBody implements BlobBody {
  private final BlobBody body;
  private final Runnable used;

  /** Takes over the body and closes it. */
  UsedBody(BlobBody body, Runnable used) {
    this.body = body;
    this.used = used;
  }

  @Override
  public Digest digest() {
    return body.digest();
  }

  @Override
  public MediaType mediaType() {
    return body.mediaType();
  }

  @Override
  public long size() {
    return body.size();
  }

  @Override
  public Future<Region> next(long from, long to) {
    return body.next(from, to);
  }

  @Override
  public void unreadable(Throwable cause) {
    body.unreadable(cause);
  }

  /** Noted first: a blob that is not read any more may be evicted at once. */
  @Override
  public void close() {
    used.run();
    body.close();
  }
}
