package dev.breakwater.http;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections are open, in all and from each address. Thread-safe. */
final class ConnectionCount {
  private final int limit;
  private final int limitPerAddress;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentMap<String, Integer> byAddress = new ConcurrentHashMap<>();

  ConnectionCount(ServerSettings.Limits limits) {
    this.limit = limits.connections();
    this.limitPerAddress = limits.connectionsPerAddress();
  }

  /** Counts a new connection; says whether it is within the limits. Each must be {@link #left}. */
  boolean entered(String address) {
    int fromAddress = byAddress.merge(address, 1, Integer::sum);
    return open.incrementAndGet() <= limit && fromAddress <= limitPerAddress;
  }

  /** A connection has closed. */
  void left(String address) {
    open.decrementAndGet();
    byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  /** Connections open now. */
  int open() {
    return open.get();
  }
}
