package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeErrorsTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(
            new ConnectException("finishConnect(..) failed: Connection refused: /127.0.0.1:1"),
            "connection refused"),
        Arguments.of(
            new SocketException(
                "recvAddress(..) failed with error(-104): Connection reset by peer"),
            "connection reset by the other side"),
        Arguments.of(
            new NoRouteToHostException("No route to host: x/10.0.0.1:443"), "no route to host"),
        Arguments.of(
            new IOException("connect(..) failed with error(-101): Network is unreachable"),
            "network unreachable"),
        Arguments.of(new ConnectException("Connection timed out"), "timed out"),
        Arguments.of(new UnknownHostException("registry.test"), "host name not found"),
        Arguments.of(
            new UnknownHostException("registry.test: Name or service not known"),
            "host name not found"),
        Arguments.of(
            new UnknownHostException("registry.test: Temporary failure in name resolution"),
            "the name server does not answer"),
        Arguments.of(new ClosedChannelException(), "connection closed"),
        Arguments.of(
            new HttpClosedException("Connection was closed"),
            "connection closed by the other side"),
        Arguments.of(
            new SSLHandshakeException("Received fatal alert: handshake_failure"),
            "it refused the TLS handshake (alert handshake_failure)"),
        Arguments.of(
            new SSLHandshakeException("handshake timed out after 10000ms"),
            "the TLS handshake timed out"),
        Arguments.of(
            new SSLHandshakeException("Connection closed while SSL/TLS handshake was in progress"),
            "the connection was closed during the TLS handshake"),
        Arguments.of(
            handshake(new CertificateException("No name matching registry.test found")),
            "its certificate is for another host name"),
        Arguments.of(
            handshake(new CertificateExpiredException("NotAfter: Sun Nov 01 00:00:00 UTC 2026")),
            "its certificate has expired"),
        Arguments.of(
            new TooLongHttpHeaderException("HTTP header is larger than 8192 bytes."),
            "the head of its answer is too long"),
        Arguments.of(
            new IOException("java.io.IOException: socket(..) failed: odd\u0007"), "odd\\u0007"),
        Arguments.of(new IllegalStateException(), "unknown cause (IllegalStateException)"));
  }

  private static Throwable handshake(Throwable cause) {
    SSLHandshakeException failure =
        new SSLHandshakeException("(certificate_unknown) PKIX path validation failed");
    failure.initCause(cause);
    return failure;
  }

  @ParameterizedTest
  @MethodSource("failures")
  void nativeTextsAreTranslated(Throwable failure, String text) {
    assertThat(NativeErrors.text(failure)).isEqualTo(text);
    assertThat(NativeErrors.text(new IOException("wrapped", failure))).isEqualTo(text);
  }

  @Test
  void aCauseOfItselfDoesNotGoOnForEver() {
    Throwable one = new IOException("one");
    one.initCause(new IOException("two", one));
    assertThat(NativeErrors.text(one)).isIn("one", "two");
  }

  /** What this machine's kernel, the JDK and Netty really say. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRefusedConnectionIsCalledSoByEveryTransport(boolean epoll) throws Exception {
    if (epoll && !Epoll.isAvailable()) {
      return;
    }
    try (EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory())) {
      Throwable failure =
          new Bootstrap()
              .group(loops)
              .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
              .handler(new ChannelInboundHandlerAdapter())
              .connect(InetAddress.ofLiteral("127.0.0.77"), 1)
              .awaitUninterruptibly()
              .cause();
      assertThat(NativeErrors.text(failure)).isEqualTo("connection refused");
    }
  }
}
