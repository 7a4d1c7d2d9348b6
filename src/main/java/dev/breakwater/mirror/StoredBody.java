package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.BlobFile;
import dev.breakwater.storage.UnverifiedBlobs;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One answer from a file of the store: a blob, or what an unfinished download has left of it. */
final class StoredBody implements BlobBody {
  private static final Logger log = LoggerFactory.getLogger(StoredBody.class);

  private final Digest digest;
  private final long size;
  private final BlobFile file;
  private final UnverifiedBlobs unverified;
  private boolean closed;

  /**
   * Takes over the caller's reference to the file; only bytes that are present may be asked for.
   *
   * @param size of the whole blob
   */
  StoredBody(Digest digest, long size, BlobFile file, UnverifiedBlobs unverified) {
    this.digest = digest;
    this.size = size;
    this.file = file;
    this.unverified = unverified;
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

  /** The next who asks gets other bytes: the blob is hashed now, and fetched again if it is bad. */
  @Override
  public void unreadable(Throwable cause) {
    log.warn("blob {} cannot be read completely: {}", digest, DiskReason.of(cause));
    unverified.raise(digest);
    unverified
        .prove(digest)
        .whenComplete(
            (sound, failure) -> {
              if (failure != null) {
                log.warn("blob {} cannot be checked: {}", digest, DiskReason.of(failure));
              }
            });
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      file.release();
    }
  }
}
