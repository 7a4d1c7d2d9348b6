package dev.breakwater.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The client's end is noted already when the connection is closed: it must not be forgotten. */
  @Test
  void endsWhenItIsClosedWhileTheLastAnswerOfAClientThatHasGoneIsGiven() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    Connection.Service closesWhileAnswering =
        (request, connection) -> {
          assertThat(connection.pause(PATIENCE)).as("the client stays").isFalse();
          connection.close();
          return AnswerSender.Ending.KEEP;
        };
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      new Connection(1, server.accept(), null, closesWhileAnswering).start(ended::countDown);
      client
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      client.shutdownOutput();
      assertThat(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }
}
