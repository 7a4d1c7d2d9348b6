package dev.breakwater.testing;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A number that can be waited for. Safe for all threads. */
final class Tally {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long value;
  private long highest;

  /** Changes the number and wakes those who wait. */
  void add(long difference) {
    lock.lock();
    try {
      value += difference;
      highest = Math.max(highest, value);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The number. */
  long value() {
    lock.lock();
    try {
      return value;
    } finally {
      lock.unlock();
    }
  }

  /** The highest it has ever been. */
  long highest() {
    lock.lock();
    try {
      return highest;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is at least so high. */
  void awaitAtLeast(long wanted, Duration timeout, Supplier<String> what) {
    await(() -> value >= wanted, timeout, () -> "at least " + wanted + " " + what.get());
  }

  /** Waits until it is at most so high. */
  void awaitAtMost(long wanted, Duration timeout, Supplier<String> what) {
    await(() -> value <= wanted, timeout, () -> "at most " + wanted + " " + what.get());
  }

  /**
   * Waits for a condition that can only become true by a change of this number.
   *
   * @throws AssertionError after the timeout
   */
  void await(BooleanSupplier condition, Duration timeout, Supplier<String> what) {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new AssertionError(
              "waited " + timeout + " for " + what.get() + "; there are " + value);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + what.get(), e);
    } finally {
      lock.unlock();
    }
  }
}
