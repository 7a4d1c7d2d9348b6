package dev.breakwater.storage;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file shared by everyone who reads it, and closed by the last one to let go: a descriptor
 * must never be closed under a {@code sendfile} in flight, since the kernel may by then have given
 * its number to another file. Each caller that is handed one owns one reference. Thread-safe.
 */
public final class BlobFile {
  private final FileChannel channel;
  private final AtomicInteger references = new AtomicInteger(1);
  private final long size;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  BlobFile(FileChannel channel, long size) {
    this.channel = channel;
    this.size = size;
  }

  /** The open file; positions are given with every read, never moved. */
  public FileChannel channel() {
    return channel;
  }

  /** The blob's size in bytes; for a file that still grows, what it will be, or -1. */
  public long size() {
    return size;
  }

  /** Takes another reference; false if the file has been closed already. */
  public boolean tryAcquire() {
    int seen = references.get();
    while (seen > 0) {
      if (references.compareAndSet(seen, seen + 1)) {
        return true;
      }
      seen = references.get();
    }
    return false;
  }

  /** Gives one reference back; the last one closes the file. */
  public void release() {
    if (references.decrementAndGet() == 0) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        closed.complete(null);
      }
    }
  }

  /** Runs this once the last reader has let go, on that reader's thread; at once if it has. */
  public void whenClosed(Runnable action) {
    CompletableFuture<Void> _ = closed.thenRun(action);
  }

  boolean isClosed() {
    return closed.isDone();
  }

  /** Takes another reference of a file known to be open. */
  @CanIgnoreReturnValue
  public BlobFile acquire() {
    if (!tryAcquire()) {
      throw new IllegalStateException("the file is closed already");
    }
    return this;
  }
}
