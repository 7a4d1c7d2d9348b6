package dev.breakwater.storage;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Has what is written to one file written back to the disk meanwhile, so that the sync at the end
 * finds little to do. Told by one thread at a time.
 */
final class WriteBack {
  /** So many bytes may wait in the kernel. */
  static final long EVERY = 64L * 1024 * 1024;

  private final BlobFile file;
  private final Executor threads;
  private final AtomicBoolean running = new AtomicBoolean();
  private long unsynced;

  /** The kernel tells of an error once only, so it is kept until the file is given up. */
  private volatile @Nullable IOException failure;

  WriteBack(BlobFile file, Executor threads) {
    this.file = file;
    this.threads = threads;
  }

  /** So many bytes more have been written; returns at once. */
  void wrote(long bytes) {
    unsynced += bytes;
    if (unsynced >= EVERY && file.tryAcquire()) {
      if (running.compareAndSet(false, true)) {
        unsynced = 0;
        try {
          threads.execute(this::sync);
          return;
        } catch (RejectedExecutionException e) {
          // The disk is behind: the sync at the end does all.
          running.set(false);
        }
      }
      file.release();
    }
  }

  private void sync() {
    try {
      force();
    } finally {
      running.set(false);
      file.release();
    }
  }

  private synchronized void force() {
    try {
      file.channel().force(false);
    } catch (IOException e) {
      failure = e;
    }
  }

  /**
   * The same as {@link #check} after a sync that runs has ended: an error is told to one of two
   * syncs at the same time only.
   */
  synchronized void finish() throws IOException {
    check();
  }

  /**
   * Waits for nothing; to be called before the file is relied on.
   *
   * @throws IOException if bytes could not be written back: they may be lost, and no later sync
   *     tells
   */
  void check() throws IOException {
    IOException failed = failure;
    if (failed != null) {
      throw new IOException("what was written is not on the disk: " + failed.getMessage(), failed);
    }
  }
}
