package dev.breakwater.mirror.download;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The transfers from one upstream that run at once. What a client waits for is always begun; what
 * only makes things faster (further segments, prefetch) waits for a free slot. Thread-safe.
 */
final class TransferSlots {
  private final int most;
  private final AtomicInteger taken = new AtomicInteger();

  TransferSlots(int most) {
    this.most = most;
  }

  /** Whether something that no client waits for may begin. */
  boolean hasFree() {
    return taken.get() < most;
  }

  void take() {
    taken.incrementAndGet();
  }

  void giveBack() {
    taken.decrementAndGet();
  }
}
