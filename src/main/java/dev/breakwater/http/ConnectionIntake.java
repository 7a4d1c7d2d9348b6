package dev.breakwater.http;

import dev.breakwater.http.Refusal.Reason;
import dev.breakwater.metrics.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees the bytes of one connection before the decoder does: drops them once the connection is
 * closing, and answers a TLS handshake on a plain port. Confined to the connection's event loop.
 */
// Netty reports what became of a close to the handlers, too, and nothing waits for the timer.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionIntake extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionIntake.class);
  private static final byte TLS_HANDSHAKE = 0x16;

  /** What a TLS client on a plain port gets: Go clients then say what is wrong. */
  private static final byte[] NO_TLS_HERE =
      """
      HTTP/1.1 400 Bad Request\r
      Content-Type: application/json\r
      Connection: close\r
      Docker-Distribution-API-Version: registry/2.0\r
      Cache-Status: breakwater\r
      \r
      {"errors":[{"code":"REQUEST_INVALID","message":"this port speaks plain HTTP, not TLS",\
      "detail":null}]}
      """
          .getBytes(StandardCharsets.US_ASCII);

  private final ConnectionGuard guard;
  private final Metrics metrics;
  private final TlsClients tlsClients;
  private boolean first;

  /** {@code isPlain} if the bytes are not those of a TLS session. */
  ConnectionIntake(ConnectionGuard guard, Metrics metrics, TlsClients tlsClients, boolean isPlain) {
    this.guard = guard;
    this.first = isPlain;
    this.metrics = metrics;
    this.tlsClients = tlsClients;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (guard.isClosing()) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (first && message instanceof ByteBuf bytes && bytes.isReadable()) {
      first = false;
      if (bytes.getByte(bytes.readerIndex()) == TLS_HANDSHAKE) {
        bytes.release();
        refuseTls(context);
        return;
      }
      tlsClients.spokePlainHttp(guard.client());
    }
    guard.bytesCame();
    context.fireChannelRead(message);
  }

  private void refuseTls(ChannelHandlerContext context) {
    metrics.rejected(Reason.TLS.label());
    if (tlsClients.refused(guard.client())) {
      InetSocketAddress client = (InetSocketAddress) context.channel().remoteAddress();
      InetSocketAddress here = (InetSocketAddress) context.channel().localAddress();
      context
          .executor()
          .schedule(
              () -> warn(client.getAddress().getHostAddress(), here.getPort()),
              TlsClients.FALLBACK.toNanos(),
              TimeUnit.NANOSECONDS);
    }
    guard.readNoMore();
    ByteBuf answer = context.alloc().buffer(NO_TLS_HERE.length);
    answer.writeBytes(NO_TLS_HERE);
    context
        .writeAndFlush(answer)
        .addListener(
            (ChannelFutureListener)
                written -> {
                  if (written.channel() instanceof DuplexChannel duplex) {
                    duplex.shutdownOutput();
                  }
                });
  }

  private void warn(String address, int port) {
    if (tlsClients.isWarningDue(guard.client())) {
      LOG.warn(
          "client {} spoke TLS to port {}, which takes plain HTTP only, and was refused. Tell the"
              + " client that this registry is plain HTTP: podman, skopeo, buildah, CRI-O"
              + " insecure = true; BuildKit http = true; Docker insecure-registries; containerd an"
              + " address that begins with http:// (see README, Point your clients). This line"
              + " comes once an hour for each client",
          address,
          port);
    }
  }
}
