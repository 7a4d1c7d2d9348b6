package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.BlobFile;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One answer that reads from a {@link Download}, at its own pace. */
final class Follower implements BlobBody {
  private static final int NONE = -1;

  private final Download download;
  private final BlobFile file;
  private final Optional<RangeRequest> range;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile int attempt = NONE;
  private volatile long position;
  private volatile @Nullable RuntimeException ended;

  /**
   * Follows a download.
   *
   * @param file a reference to the part file, given back by {@link #close}
   * @param range what the client asked for
   */
  Follower(Download download, BlobFile file, Optional<RangeRequest> range) {
    this.download = download;
    this.file = file;
    this.range = range;
  }

  @Override
  public Digest digest() {
    return download.digest();
  }

  @Override
  public long size() {
    return download.size();
  }

  @Override
  public Future<Region> next(long from, long to) {
    moveTo(from);
    return download
        .next(this, from, to)
        .recover(failure -> Future.failedFuture(download.refusal(failure)));
  }

  /** What lies before this offset has been sent. */
  void moveTo(long offset) {
    position = offset;
  }

  /** The offset of the next byte it needs; everything before has been sent. */
  long position() {
    return position;
  }

  /** Ends it short at its next step: the download goes on without it. */
  void endShort(RuntimeException cause) {
    ended = cause;
  }

  /** Why it is to end short, or null. */
  @Nullable RuntimeException ended() {
    return ended;
  }

  /**
   * Whether it wants all there is. {@code bytes=n-} is how clients fetch and resume whole blobs; a
   * closed range or a suffix is how lazy pullers pick parts, whose digests they know from
   * elsewhere, unless it is all the same.
   */
  boolean readsToTheEnd(long size) {
    if (range.isEmpty()) {
      return true;
    }
    RangeRequest asked = range.get();
    return asked.first() < 0
        ? asked.last() >= size
        : asked.last() < 0 || (asked.first() == 0 && asked.last() >= size - 1);
  }

  /** Up to where bytes may be sent before the digest is proven. */
  long provisionalEnd(long size, long holdBack) {
    if (size < 0) {
      return 0;
    }
    return readsToTheEnd(size) ? size - holdBack : size;
  }

  boolean mayReadAttempt(int current) {
    return attempt == NONE || attempt == current;
  }

  void tookFromAttempt(int current) {
    attempt = current;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      download.left(this);
      file.release();
    }
  }
}
