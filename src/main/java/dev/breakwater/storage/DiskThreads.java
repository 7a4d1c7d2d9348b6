package dev.breakwater.storage;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of downloads' work on the disk. What a client waits for never waits behind a sync,
 * which may take as long as the disk likes: syncs have threads of their own.
 */
public final class DiskThreads implements AutoCloseable {
  private static final int WRITERS = 2;
  private static final int COMMITTERS = 4;

  /** Blobs that wait to be committed; a disk that is further behind keeps no more. */
  private static final int MOST_COMMITS = 512;

  private final ExecutorService writers =
      Executors.newFixedThreadPool(WRITERS, named("blob-disk-"));
  private final ExecutorService committers = fixed(COMMITTERS, MOST_COMMITS, "blob-commit-");
  private final ExecutorService writeBack = fixed(1, MOST_COMMITS, "blob-write-back-");

  DiskThreads() {}

  private static ThreadFactory named(String prefix) {
    return Thread.ofPlatform().name(prefix, 0).factory();
  }

  private static ExecutorService fixed(int threads, int queued, String prefix) {
    return new ThreadPoolExecutor(
        threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(queued), named(prefix));
  }

  /** For opening, hashing and writing. */
  public ExecutorService writers() {
    return writers;
  }

  /** For syncing what is complete; refuses by exception when too much waits. */
  public ExecutorService committers() {
    return committers;
  }

  /** For syncing what is not complete yet; refuses by exception when too much waits. */
  ExecutorService writeBack() {
    return writeBack;
  }

  /** Finishes what has begun, for some seconds; commits first, since they end on the writers. */
  @Override
  public void close() {
    close(writeBack);
    close(committers);
    close(writers);
  }

  private static void close(ExecutorService threads) {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
