package dev.breakwater.mirror.download;

import java.util.concurrent.atomic.AtomicLong;

/** What all downloads together hold in memory. Thread-safe. */
final class DownloadMemory {
  private final long comfortable;
  private final AtomicLong bytes = new AtomicLong();

  /** Downloads are asked to hold less when it is more than this. */
  DownloadMemory(long comfortable) {
    this.comfortable = comfortable;
  }

  void add(long more) {
    bytes.addAndGet(more);
  }

  /** Whether each should hold no more than it must. */
  boolean isTight() {
    return bytes.get() > comfortable;
  }

  /** The sum. */
  long bytes() {
    return bytes.get();
  }
}
