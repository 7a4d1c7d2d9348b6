package dev.breakwater.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Several connections to one server, read by the calling thread alone into one buffer, so that many
 * of them cost little more than their system calls. Used by one thread.
 */
final class Clients implements AutoCloseable {
  private static final int BUFFER = 1 << 20;
  private static final Duration STALLED = Duration.ofSeconds(60);

  /** Told of each complete answer; may ask again. */
  interface Listener {
    /**
     * An answer is complete.
     *
     * @return whether the connection was given another request
     */
    boolean complete(Connection connection) throws IOException;
  }

  private final List<Connection> connections = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

  /** Connects as many clients. */
  static Clients connect(URI server, int count) throws IOException {
    Clients clients = new Clients();
    for (int client = 0; client < count; client++) {
      clients.connections.add(Connection.open(server));
    }
    return clients;
  }

  List<Connection> connections() {
    return connections;
  }

  /** Reads until no request is left unanswered; fails when nothing comes for a minute. */
  void await(Listener listener) throws IOException {
    try (Selector selector = Selector.open()) {
      for (Connection connection : connections) {
        connection.channel().register(selector, SelectionKey.OP_READ, connection);
      }
      int unanswered = connections.size();
      while (unanswered > 0) {
        if (selector.select(STALLED.toMillis()) == 0) {
          throw new IOException("no answer for " + STALLED.toSeconds() + " s");
        }
        for (SelectionKey key : selector.selectedKeys()) {
          Connection connection = (Connection) key.attachment();
          if (connection.read(buffer) && !listener.complete(connection)) {
            key.cancel();
            unanswered--;
          }
        }
        selector.selectedKeys().clear();
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
