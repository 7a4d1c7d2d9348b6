package dev.breakwater.upstream;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What of the world the client depends on beside its sockets; replaced in tests.
 *
 * @param nanos the monotonic clock: every duration, token lifetimes included, is measured on it, so
 *     that a jump of the wall clock changes nothing
 * @param wall the wall clock, for dates in headers and gauges only
 * @param random between 0 and 1, for jitter
 * @param lookup the resolver of names
 * @param client the address of the client that the work at hand is done for, or empty where there
 *     is none
 */
record Environment(
    LongSupplier nanos,
    InstantSource wall,
    DoubleSupplier random,
    NameLookup lookup,
    Supplier<String> client) {
  /** With the resolver and the wall clock of this machine, and this monotonic clock. */
  static Environment ofThisMachine(LongSupplier nanos, Supplier<String> client) {
    return new Environment(
        nanos,
        InstantSource.system(),
        () -> ThreadLocalRandom.current().nextDouble(),
        host -> List.of(InetAddress.getAllByName(host)),
        client);
  }
}
