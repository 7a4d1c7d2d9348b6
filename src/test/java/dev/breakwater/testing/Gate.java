package dev.breakwater.testing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Holds answers until a test opens it; from then on they pass without stopping. Safe for all
 * threads.
 */
public final class Gate {
  private final CompletableFuture<Void> opened = new CompletableFuture<>();
  private final Tally arrivals = new Tally();

  /** Lets everything pass, for good. */
  public void open() {
    opened.complete(null);
  }

  /**
   * Waits until that many answers have come to the gate, opened or not; fails after the timeout.
   */
  public void awaitArrivals(int count, Duration timeout) {
    arrivals.awaitAtLeast(count, timeout, () -> "answers at the gate");
  }

  /** Notes an arrival. */
  CompletableFuture<Void> arrive() {
    arrivals.add(1);
    return opened;
  }
}
