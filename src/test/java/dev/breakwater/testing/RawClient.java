package dev.breakwater.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that sees what really comes over a connection, and how the connection ends. */
final class RawClient implements AutoCloseable {
  /** How the server ended a connection. */
  enum End {
    FIN,
    RST
  }

  /**
   * Everything that came until the connection ended.
   *
   * @param head status line and header fields with a line end each
   * @param body what followed
   * @param end how it ended
   */
  record Reply(String head, byte[] body, End end) {
    int status() {
      return Integer.parseInt(head.split(" ", -1)[1]);
    }
  }

  private final Socket socket;

  RawClient(String url) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(url).getPort());
    // A test that waits longer has failed.
    socket.setSoTimeout(30_000);
  }

  /** Asks for a path and reads until the end. */
  static Reply get(String url, String path, String... headers) throws IOException {
    try (RawClient client = new RawClient(url)) {
      client.request("GET", path, headers);
      return client.readToEnd();
    }
  }

  RawClient request(String method, String path, String... headers) throws IOException {
    StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: raw\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return send(text.append("\r\n").toString());
  }

  RawClient send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** Reads a head. */
  String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("closed within the head: " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }

  byte[] read(int count) throws IOException {
    return socket.getInputStream().readNBytes(count);
  }

  Reply readToEnd() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    End end = End.FIN;
    try {
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        all.write(next);
        all.writeBytes(in.readNBytes(in.available()));
      }
    } catch (SocketException e) {
      end = End.RST;
    }
    String text = all.toString(StandardCharsets.ISO_8859_1);
    int blank = text.indexOf("\r\n\r\n");
    if (blank < 0) {
      return new Reply("", all.toByteArray(), end);
    }
    byte[] body = text.substring(blank + 4).getBytes(StandardCharsets.ISO_8859_1);
    return new Reply(text.substring(0, blank + 2), body, end);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
