package dev.breakwater.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports that stay free until a server listens on them, also while a server is down for a time. They
 * are below the range that the system takes ports of outgoing connections from (32768 to 60999):
 * one of those may be taken by any connection at any time.
 */
public final class FreePort {
  private static final int FIRST = 10_000;
  private static final int COUNT = 22_000;

  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private FreePort() {}

  /** A port that was not given before in this process and is free on that address. */
  public static int on(InetAddress host) {
    for (int tries = 0; tries < COUNT; tries++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(host, port));
        return port;
      } catch (IOException e) {
        // It is in use; the next one may be free.
      }
    }
    throw new IllegalStateException("no port of " + host + " is free");
  }

  /** A port of 127.0.0.1. */
  public static int onLoopback() {
    return on(InetAddress.getLoopbackAddress());
  }
}
