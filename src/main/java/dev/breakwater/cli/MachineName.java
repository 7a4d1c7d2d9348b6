package dev.breakwater.cli;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How other machines may call this one: its host name when that resolves, else its first address
 * that is not loopback, else {@code localhost}. A guess for the banner, nothing depends on it.
 */
final class MachineName {
  /** A broken resolver must not delay the banner for long. */
  private static final long RESOLVER_MILLIS = 500;

  private MachineName() {}

  /** Blocks for half a second at most. */
  static String find() {
    return choose(hostName(), address());
  }

  static String choose(Optional<String> hostName, Optional<String> address) {
    return hostName.or(() -> address).orElse("localhost");
  }

  private static Optional<String> hostName() {
    CompletableFuture<Optional<String>> name = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> name.complete(resolvedHostName()));
    try {
      return name.get(RESOLVER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> resolvedHostName() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> address() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .map(InetAddress::getHostAddress)
          .findFirst();
    } catch (SocketException e) {
      return Optional.empty();
    }
  }
}
