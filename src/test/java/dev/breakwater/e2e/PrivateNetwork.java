package dev.breakwater.e2e;

import dev.breakwater.testing.FreePort;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * A network namespace that is joined with this machine by one cable. What a process in it does to
 * bridges, addresses and the firewall is gone with it. Needs root.
 */
final class PrivateNetwork implements AutoCloseable {
  // RFC 5737, section 3: addresses for examples, which no network uses.
  private static final String HERE = "198.51.100.1";
  private static final String THERE = "198.51.100.2";
  private static final int BITS = 30;

  private final String name = "bw" + ProcessHandle.current().pid();

  PrivateNetwork() {
    ip("netns", "add", name);
    try {
      ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
      ip("address", "add", HERE + "/" + BITS, "dev", name);
      ip("link", "set", name, "up");
      ip("-netns", name, "address", "add", THERE + "/" + BITS, "dev", "eth0");
      ip("-netns", name, "link", "set", "eth0", "up");
      ip("-netns", name, "link", "set", "lo", "up");
    } catch (AssertionError e) {
      close();
      throw e;
    }
  }

  /** HOST:PORT of this machine that processes in the namespace reach; the port is free. */
  String freeAddress() {
    try {
      return HERE + ":" + FreePort.on(InetAddress.getByName(HERE));
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address of this machine as seen from the namespace. */
  String host() {
    return HERE;
  }

  /** Words before a command that is to run in the namespace. */
  List<String> enter() {
    return List.of("/usr/bin/nsenter", "--net=/run/netns/" + name);
  }

  /** The cable goes with the namespace, once all its processes have ended. */
  @Override
  public void close() {
    ip("netns", "delete", name);
  }

  private static void ip(Object... arguments) {
    Command.of("/sbin/ip").and(arguments).run();
  }
}
