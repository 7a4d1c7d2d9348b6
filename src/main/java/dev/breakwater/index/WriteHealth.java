package dev.breakwater.index;

import java.util.function.LongSupplier;

/**
 * Whether the index takes writes, and when it has not for so long that it should be reopened.
 * Thread-safe.
 */
final class WriteHealth {
  /** RocksDB recovers from a full disk by itself in about six seconds, if it does at all. */
  private static final long PATIENCE_NANOS = 15_000_000_000L;

  private final LongSupplier nanoTime;
  private volatile boolean failing;
  private long since;

  WriteHealth(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  boolean isWritable() {
    return !failing;
  }

  /** Says that a write worked; whether it was the first to work again. */
  boolean succeeded() {
    if (!failing) {
      return false;
    }
    synchronized (this) {
      boolean recovered = failing;
      failing = false;
      return recovered;
    }
  }

  /** Says that a write failed; whether it was the first. */
  synchronized boolean failed() {
    if (failing) {
      return false;
    }
    failing = true;
    since = nanoTime.getAsLong();
    return true;
  }

  /** Whether to reopen now; true at most once in a while, for one caller. */
  synchronized boolean isReopeningDue() {
    long now = nanoTime.getAsLong();
    if (!failing || now - since < PATIENCE_NANOS) {
      return false;
    }
    since = now;
    return true;
  }
}
