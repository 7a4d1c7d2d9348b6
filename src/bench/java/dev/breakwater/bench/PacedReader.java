package dev.breakwater.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One client that downloads a blob at a speed of its own and throws the bytes away. */
final class PacedReader {
  private static final int BUFFER = 64 * 1024;

  private final URI server;
  private final Blob blob;
  private final long rate;
  private volatile boolean stopped;

  /**
   * Does nothing yet.
   *
   * @param rate bytes per second at most, or 0 for as many as there are
   */
  PacedReader(URI server, Blob blob, long rate) {
    this.server = server;
    this.blob = blob;
    this.rate = rate;
  }

  /** Reads to the end of the blob, or until it is stopped; fails for any other end. */
  void run() throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      String request =
          "GET " + blob.path() + " HTTP/1.1\r\nHost: mirror\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      InputStream in = socket.getInputStream();
      skipHead(in);
      byte[] buffer = new byte[BUFFER];
      long received = 0;
      long begun = System.nanoTime();
      int count = in.read(buffer);
      while (count >= 0 && !stopped) {
        received += count;
        if (rate > 0) {
          keepPace(received, begun);
        }
        count = in.read(buffer);
      }
      if (!stopped && received != blob.size()) {
        throw new IOException(received + " bytes instead of " + blob.size());
      }
    }
  }

  private void keepPace(long received, long begun) {
    long due = TimeUnit.SECONDS.toNanos(1) / 1000 * (received * 1000 / rate);
    long ahead = due - (System.nanoTime() - begun);
    if (ahead > 0) {
      LockSupport.parkNanos(Math.min(ahead, TimeUnit.SECONDS.toNanos(1)));
    }
  }

  private static void skipHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("no answer: " + head);
      }
      head.append((char) next);
    }
    if (!head.toString().startsWith("HTTP/1.1 200 ")) {
      throw new IOException(head.toString());
    }
  }

  /** Ends it with the next bytes that come. */
  void stop() {
    stopped = true;
  }
}
