package dev.breakwater.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A port on loopback and the connections to it. {@link #close} returns when all its threads have
 * ended.
 */
final class SocketServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final AtomicInteger numbers;
  private final @Nullable ServerTls tls;
  private final InetAddress host;
  private final int port;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Tally open = new Tally();
  private final AtomicInteger accepted = new AtomicInteger();
  private ServerSocket server;
  private @Nullable Thread acceptor;
  private Connection.@Nullable Service service;

  /**
   * Binds a port.
   *
   * @param host one of this machine's own addresses
   * @param port the port, or 0 for any
   * @param numbers where connections get their numbers from
   */
  SocketServer(InetAddress host, int port, AtomicInteger numbers, @Nullable ServerTls tls) {
    this.numbers = numbers;
    this.tls = tls;
    this.host = host;
    this.server = bind(host, port);
    this.port = server.getLocalPort();
  }

  private static ServerSocket bind(InetAddress host, int port) {
    try {
      ServerSocket server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(host, port == 0 ? FreePort.on(host) : port), 1024);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  /** Where it is to be found. */
  String url() {
    return (tls == null ? "http" : "https") + "://" + name() + ':' + port;
  }

  private String name() {
    return host instanceof Inet6Address ? "[::1]" : host.getHostAddress();
  }

  /** Begins to serve. */
  synchronized void start(Connection.Service serving) {
    service = serving;
    ServerSocket listening = server;
    acceptor =
        Thread.ofVirtual().name("faulty-acceptor-" + port).start(() -> accept(listening, serving));
  }

  private void accept(ServerSocket listening, Connection.Service serving) {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        accepted.incrementAndGet();
        welcome(socket, serving);
      } catch (IOException e) {
        if (!listening.isClosed()) {
          throw new UncheckedIOException("cannot accept on port " + port, e);
        }
      }
    }
  }

  private void welcome(Socket socket, Connection.Service serving) throws IOException {
    Connection connection;
    try {
      connection = new Connection(numbers.incrementAndGet(), socket, tls, serving);
    } catch (IOException e) {
      // The client has gone already.
      socket.close();
      return;
    }
    connections.add(connection);
    open.add(1);
    connection.start(
        () -> {
          connections.remove(connection);
          open.add(-1);
        });
  }

  /** The names of the clients that have shown a certificate. */
  Set<String> clientCertificates() {
    return tls == null ? Set.of() : Set.copyOf(tls.seen());
  }

  /** How many connections there have been. */
  int accepted() {
    return accepted.get();
  }

  /** How many connections are open now. */
  Tally open() {
    return open;
  }

  /** Closes the port and every connection; the next client is refused. Idempotent. */
  synchronized void suspend() {
    try {
      server.close();
      if (acceptor != null) {
        acceptor.join();
        acceptor = null;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while closing port " + port, e);
    }
    connections.forEach(Connection::close);
    open.awaitAtMost(0, PATIENCE, () -> "open connections after closing port " + port);
  }

  /** Opens the same port again. */
  synchronized void resume() {
    if (service == null || !server.isClosed()) {
      throw new IllegalStateException("port " + port + " is open");
    }
    server = bind(host, port);
    start(service);
  }

  @Override
  public void close() {
    suspend();
  }
}
