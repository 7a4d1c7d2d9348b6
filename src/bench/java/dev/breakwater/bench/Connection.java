package dev.breakwater.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1.1 connection, one request at a time. Its clock runs from the request to the
 * answer's last byte; connecting is not counted. Used by one thread.
 */
final class Connection implements AutoCloseable {
  /** Manifests of either sort, so that no registry translates them, or anything else. */
  static final String ACCEPT =
      "application/vnd.docker.distribution.manifest.v2+json,"
          + "application/vnd.oci.image.manifest.v1+json,*/*;q=0.5";

  private final SocketChannel channel;
  private final String host;
  private Answer answer = new Answer(true, null);
  private long sentAt;
  private long begunAt;
  private long completeAt;

  private Connection(SocketChannel channel, String host) {
    this.channel = channel;
    this.host = host;
  }

  /** Connects; the channel does not block from then on. */
  static Connection open(URI server) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    return new Connection(channel, server.getAuthority());
  }

  SocketChannel channel() {
    return channel;
  }

  /** Asks; the answer before must be complete. The body goes to {@code place} unless it is null. */
  void send(String method, String path, @Nullable ByteBuffer place) throws IOException {
    String text =
        "%s %s HTTP/1.1\r\nHost: %s\r\nAccept: %s\r\n\r\n".formatted(method, path, host, ACCEPT);
    ByteBuffer request = ByteBuffer.wrap(text.getBytes(US_ASCII));
    answer = new Answer(method.equals("HEAD"), place);
    begunAt = 0;
    sentAt = System.nanoTime();
    // A few hundred bytes always fit into an idle socket's buffer.
    while (request.hasRemaining()) {
      channel.write(request);
    }
  }

  /**
   * Reads once, as much as there is and {@code buffer} holds.
   *
   * @return whether the answer is complete
   */
  boolean read(ByteBuffer buffer) throws IOException {
    buffer.clear();
    if (channel.read(buffer) < 0) {
      throw new EOFException("the answer ended after " + answer.received() + " bytes");
    }
    long now = System.nanoTime();
    answer.take(buffer.flip());
    if (begunAt == 0 && answer.begun()) {
      begunAt = now;
    }
    completeAt = now;
    return answer.complete();
  }

  /** How the last answer came. */
  Timing timing() {
    return new Timing(
        sentAt, (begunAt - sentAt) / 1e9, (completeAt - sentAt) / 1e9, answer.received());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
