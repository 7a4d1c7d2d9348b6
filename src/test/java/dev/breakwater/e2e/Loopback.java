package dev.breakwater.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.breakwater.testing.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Addresses on this machine that only it reaches. */
public final class Loopback {
  private Loopback() {}

  /** {@code 127.0.0.1:<port>} with a port without a listener. */
  public static String freeAddress() {
    return "127.0.0.1:" + FreePort.onLoopback();
  }

  /** Whether a Docker engine answers on {@code socket}. */
  static boolean pings(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap("GET /_ping HTTP/1.0\r\n\r\n".getBytes(US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(64);
      channel.read(answer);
      return new String(answer.array(), US_ASCII).contains(" 200 ");
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a GET is answered by {@code status}; false as well without an answer. */
  public static boolean answers(URI uri, int status) {
    try {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(1000);
      connection.setReadTimeout(1000);
      return connection.getResponseCode() == status;
    } catch (IOException e) {
      return false;
    }
  }

  /** The body of a GET that succeeds. */
  static String read(URI uri) {
    try (InputStream body = uri.toURL().openStream()) {
      return new String(body.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
