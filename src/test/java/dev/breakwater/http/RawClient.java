package dev.breakwater.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A client that writes exactly the bytes it is told to, and reads answers strictly. */
final class RawClient implements AutoCloseable {
  /** An answer. */
  record Answer(String statusLine, List<String> fields, byte[] body) {
    int status() {
      return Integer.parseInt(statusLine.substring(9, 12));
    }

    Optional<String> field(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return fields.stream()
          .filter(field -> field.toLowerCase(Locale.ROOT).startsWith(start))
          .map(field -> field.substring(start.length()).strip())
          .findFirst();
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  final Socket socket;
  private final InputStream in;

  RawClient(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  RawClient(Socket socket) throws IOException {
    this.socket = socket;
    // A hang fails the test instead of the build.
    socket.setSoTimeout(20_000);
    in = new java.io.BufferedInputStream(socket.getInputStream());
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** A request's head, line by line. */
  RawClient sendHead(String... lines) throws IOException {
    return send(String.join("\r\n", lines) + "\r\n\r\n");
  }

  RawClient get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: m:5000\r\n\r\n");
  }

  /** The next answer to a request other than HEAD. */
  Answer read() throws IOException {
    return read(false);
  }

  /** The next answer to a HEAD request. */
  Answer readHead() throws IOException {
    return read(true);
  }

  private Answer read(boolean head) throws IOException {
    Answer bare = readFields();
    boolean empty = head || bare.status() == 304 || bare.status() == 204;
    Optional<String> length = bare.field("Content-Length");
    if (empty) {
      return bare;
    }
    byte[] body =
        length.isPresent() ? in.readNBytes(Integer.parseInt(length.get())) : in.readAllBytes();
    if (length.isPresent() && body.length < Integer.parseInt(length.get())) {
      throw new EOFException("the body ends after " + body.length + " of " + length.get());
    }
    return new Answer(bare.statusLine, bare.fields, body);
  }

  /** Status line and header fields of the next answer. */
  Answer readFields() throws IOException {
    String status = line();
    List<String> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      fields.add(line);
    }
    return new Answer(status, fields, new byte[0]);
  }

  /** Everything until the server ends the connection; an RST is an exception. */
  byte[] readToEnd() throws IOException {
    return in.readAllBytes();
  }

  boolean isAtEnd() throws IOException {
    return in.read() < 0;
  }

  /** Waits so long at most for the server to end the connection; an RST is an exception. */
  boolean isAtEndWithin(Duration time) throws IOException {
    int patience = socket.getSoTimeout();
    socket.setSoTimeout((int) time.toMillis());
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      socket.setSoTimeout(patience);
    }
  }

  byte[] readBytes(int count) throws IOException {
    return in.readNBytes(count);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended in a head: " + line);
      }
      line.write(c);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
