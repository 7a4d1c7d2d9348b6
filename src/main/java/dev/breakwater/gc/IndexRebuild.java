package dev.breakwater.gc;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.Index;
import dev.breakwater.index.IndexChange;
import dev.breakwater.storage.BlobStore;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills an index that was lost from the blob files, whose names are their digests. It runs beside
 * the server: until it has come to a blob, a request that may read it finds the file by itself.
 */
public final class IndexRebuild implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(IndexRebuild.class);
  private static final int BATCH = 1000;

  private final BlobStore store;
  private final Index index;
  private final Clock clock;
  private final Runnable whenComplete;
  private final Thread thread;

  private IndexRebuild(BlobStore store, Index index, Clock clock, Runnable whenComplete) {
    this.store = store;
    this.index = index;
    this.clock = clock;
    this.whenComplete = whenComplete;
    this.thread = Thread.ofPlatform().name("index-rebuild").unstarted(this::run);
  }

  /**
   * Starts it on a thread of its own.
   *
   * @param whenComplete called on that thread once every blob is in the index
   */
  public static IndexRebuild start(
      BlobStore store, Index index, Clock clock, Runnable whenComplete) {
    IndexRebuild rebuild = new IndexRebuild(store, index, clock, whenComplete);
    rebuild.thread.start();
    return rebuild;
  }

  /** Waits until it is done. */
  public void join() throws InterruptedException {
    thread.join();
  }

  private void run() {
    try {
      long found = rebuild();
      whenComplete.run();
      if (found > 0) {
        log.info("rebuilt the index from {} blobs on disk", found);
      }
    } catch (Stopped e) {
      log.info("stopped rebuilding the index; it goes on at need");
    } catch (IOException | RuntimeException e) {
      log.warn("the index could not be rebuilt from all blobs: {}", e.toString());
    }
  }

  private long rebuild() throws IOException {
    List<IndexChange> batch = new ArrayList<>(BATCH);
    long[] found = {0};
    store.forEach(
        (digest, size) -> {
          if (Thread.currentThread().isInterrupted()) {
            throw new Stopped();
          }
          batch.add(new IndexChange.PutBlob(digest, new BlobRecord(size, clock.millis())));
          found[0]++;
          if (batch.size() == BATCH) {
            index.apply(List.copyOf(batch));
            batch.clear();
          }
        });
    index.apply(List.copyOf(batch));
    return found[0];
  }

  /** Stops it and waits; to be called before store and index are closed. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Stopped extends RuntimeException {
    @java.io.Serial private static final long serialVersionUID = 1L;

    Stopped() {
      super(null, null, false, false);
    }
  }
}
