package dev.breakwater.e2e;

import dev.breakwater.testing.FreePort;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;

/** The address by which other machines reach this one: to clients it is not localhost. */
final class MachineAddress {
  private MachineAddress() {}

  /** {@code <address>:<port>} with a port without a listener. */
  static String free() {
    InetAddress address =
        find()
            .orElseThrow(
                () ->
                    new AssertionError(
                        "this machine has only loopback addresses: the recipes cannot be tried off"
                            + " localhost; give a network interface an IPv4 address"));
    return address.getHostAddress() + ":" + FreePort.on(address);
  }

  /** The first IPv4 address that is not loopback. */
  static Optional<InetAddress> find() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
          .findFirst();
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }
}
