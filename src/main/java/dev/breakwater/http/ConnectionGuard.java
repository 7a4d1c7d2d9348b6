package dev.breakwater.http;

import dev.breakwater.http.Refusal.Reason;
import dev.breakwater.metrics.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.VertxConnection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one HTTP/1.1 connection may do, below the requests: deadlines, and how it ends. Confined to
 * the connection's event loop.
 */
// Netty reports what became of a write or close to the handlers, too: its futures are not needed.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionGuard extends ChannelDuplexHandler implements ConnectionTable.Place {
  /*
   * Vert.x' own idle timeout cannot be used: it cuts an answer that waits for upstream and a reader
   * that is slow but alive, and lets an endless head live as long as bytes drip
   * (docs/findings.md#server-timeouts). Here a connection has two clocks. While no request is open and no byte of
   * the next one has come, it is idle. From the connect, or from the first byte of a further head,
   * until the head is whole, the head deadline runs. While an answer is under way neither does: the
   * repository watches upstream, PaceGuard watches the reader.
   *
   * Two handlers see that: ConnectionIntake before Vert.x' decoder notes raw bytes, this one behind
   * it sees the messages made of them, and the answers on their way out.
   *
   * An answer after which the connection must close is followed by FIN, and what the client still
   * sends is read and dropped for a while. A plain close() with unread bytes makes the kernel send
   * RST, which may destroy the answer before the client has read it, and is not the "unexpected
   * EOF" on which containerd resumes a blob
   * (docs/findings.md#cut-bodies).
   */
  private static final AttributeKey<ConnectionGuard> KEY =
      AttributeKey.valueOf(ConnectionGuard.class, "guard");
  private static final long LINGER_SECONDS = 5;

  private final VertxConnection connection;
  private final ServerSettings.Limits limits;
  private final Metrics metrics;
  private final BooleanSupplier stopping;
  private final Channel channel;
  private final String client;

  private boolean bytesCame;
  private boolean receiving;
  private int unanswered;

  // Written on the event loop only, read by others for an estimate.
  private volatile boolean busy;
  private volatile long idleSinceNanos = System.nanoTime();

  private final AtomicBoolean givenUp = new AtomicBoolean();
  private @Nullable ChannelHandlerContext position;
  private boolean lastAnswered;
  private boolean closing;
  private boolean closeForced;
  private @Nullable Future<?> headTimer;
  private @Nullable Future<?> idleTimer;
  private @Nullable Future<?> lingerTimer;

  private ConnectionGuard(
      VertxConnection connection,
      ServerSettings.Limits limits,
      Metrics metrics,
      BooleanSupplier stopping) {
    this.connection = connection;
    this.limits = limits;
    this.metrics = metrics;
    this.stopping = stopping;
    this.channel = connection.channel();
    this.client = ClientNetwork.of(String.valueOf(connection.remoteAddress().hostAddress()));
  }

  /**
   * Stands guard on a new connection, before its first byte is read.
   *
   * @param stopping whether the server stops, so that no answer is followed by another
   */
  static ConnectionGuard install(
      HttpConnection connection,
      ServerSettings.Limits limits,
      Metrics metrics,
      TlsClients tlsClients,
      BooleanSupplier stopping) {
    VertxConnection vertxConnection = (VertxConnection) connection;
    ConnectionGuard guard = new ConnectionGuard(vertxConnection, limits, metrics, stopping);
    guard.channel.attr(KEY).set(guard);
    ChannelPipeline pipeline = guard.channel.pipeline();
    String decoder = pipeline.context(HttpRequestDecoder.class).name();
    pipeline.addBefore(
        decoder, null, new ConnectionIntake(guard, metrics, tlsClients, !connection.isSsl()));
    pipeline.addBefore(vertxConnection.channelHandlerContext().name(), null, guard);
    guard.startHeadTimer();
    guard.startIdleTimer(limits.idle().toNanos());
    return guard;
  }

  /** The guard of a connection. */
  static ConnectionGuard of(HttpConnection connection) {
    return ((VertxConnection) connection).channel().attr(KEY).get();
  }

  /** What counts as one client, see {@link ClientNetwork}. */
  String client() {
    return client;
  }

  /** Whether no further request of this connection is to be answered. */
  boolean isClosing() {
    return closing || lastAnswered;
  }

  /** Whether the answer that begins or ends now is the last one, because the server stops. */
  boolean isLast() {
    return stopping.getAsBoolean();
  }

  @Override
  public boolean isIdle() {
    return !busy;
  }

  @Override
  public long idleSinceNanos() {
    return idleSinceNanos;
  }

  @Override
  public boolean giveUp(boolean evenIfBusy) {
    if (!givenUp.compareAndSet(false, true)) {
      return false;
    }
    channel
        .eventLoop()
        .execute(
            () -> {
              if (unanswered == 0 || evenIfBusy) {
                metrics.rejected(Reason.CONNECTION_REPLACED.label());
                closeNow();
              } else {
                givenUp.set(false);
              }
            });
    return true;
  }

  @Override
  public void cut() {
    channel.eventLoop().execute(this::closeNow);
  }

  /** Bytes are on their way to the decoder. */
  void bytesCame() {
    bytesCame = true;
  }

  /** From now on drops what the client sends. */
  void readNoMore() {
    if (!closing) {
      closing = true;
      channel.config().setAutoRead(true);
      lingerTimer = channel.eventLoop().schedule(this::closeNow, LINGER_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Closes with FIN after what has been written so far; the body may be short of its length. */
  void closeSoftly() {
    readNoMore();
    if (connection.isSsl() || !(channel instanceof DuplexChannel duplex)) {
      closeForced = true;
      connection.close();
      return;
    }
    connection.flush(flushed -> duplex.shutdownOutput());
  }

  /** Closes at once, whatever is still to be written. */
  void closeNow() {
    closing = true;
    closeForced = true;
    // From here on: the handler of Vert.x passes only one close on, which may wait for this one.
    if (position != null) {
      position.close();
    } else {
      channel.close();
    }
  }

  /** How many bytes of what is being written now the kernel has taken. */
  long progressOfCurrentWrite() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    return outbound == null ? 0 : outbound.currentProgress();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    position = context;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    bytesCame = false;
    if (message instanceof HttpRequest request) {
      receiving = true;
      unanswered++;
      busy = !lastAnswered;
      stopHeadTimer();
      refuseOddVersion(request);
    }
    if (message instanceof LastHttpContent) {
      receiving = false;
    }
    context.fireChannelRead(message);
  }

  /**
   * Vert.x would answer 501 and repeat the odd version in its status line. It knows versions by
   * identity, and Netty gives the constants for just these two spellings: "HtTP/1.1" is equal, and
   * still odd.
   */
  @SuppressWarnings("ReferenceEquality")
  private static void refuseOddVersion(HttpRequest request) {
    HttpVersion version = request.protocolVersion();
    if (version != HttpVersion.HTTP_1_1 && version != HttpVersion.HTTP_1_0) {
      request.setProtocolVersion(HttpVersion.HTTP_1_1);
      request.setDecoderResult(
          DecoderResult.failure(new IllegalArgumentException("not HTTP/1.1 or HTTP/1.0")));
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (bytesCame && !receiving && headTimer == null && !closing) {
      startHeadTimer();
    }
    context.fireChannelReadComplete();
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof LastHttpContent && !isInformational(message)) {
      unanswered--;
      idleSinceNanos = System.nanoTime();
      lastAnswered |= isLast();
      busy = unanswered > 0 && !lastAnswered;
    }
    context.write(message, promise);
  }

  private static boolean isInformational(Object message) {
    return message instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  /**
   * Vert.x closes hard after an answer to a malformed request, when the soft close is under way,
   * and after the last answer of a server that stops (docs/findings.md#server-shutdown).
   */
  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (lastAnswered
        && !closing
        && !connection.isSsl()
        && channel instanceof DuplexChannel duplex) {
      readNoMore();
      duplex.shutdownOutput(); // what was written has left: Vert.x closes after that
    }
    if (closing && !closeForced) {
      channel.closeFuture().addListener(closed -> promise.trySuccess());
    } else {
      context.close(promise);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stopHeadTimer();
    if (idleTimer != null) {
      idleTimer.cancel(false);
    }
    if (lingerTimer != null) {
      lingerTimer.cancel(false);
    }
    context.fireChannelInactive();
  }

  private void startHeadTimer() {
    headTimer =
        channel
            .eventLoop()
            .schedule(this::headIsLate, limits.headDeadline().toNanos(), TimeUnit.NANOSECONDS);
  }

  private void stopHeadTimer() {
    if (headTimer != null) {
      headTimer.cancel(false);
      headTimer = null;
    }
  }

  private void headIsLate() {
    headTimer = null;
    if (closing) {
      return;
    }
    if (unanswered > 0 || !channel.config().isAutoRead()) {
      startHeadTimer(); // a pipelined head that waits for us, not for the client
      return;
    }
    metrics.rejected(Reason.HEAD_TIMEOUT.label());
    closeNow();
  }

  private void startIdleTimer(long nanos) {
    idleTimer = channel.eventLoop().schedule(this::maybeIdle, nanos, TimeUnit.NANOSECONDS);
  }

  private void maybeIdle() {
    long left = limits.idle().toNanos() - (System.nanoTime() - idleSinceNanos);
    if (unanswered == 0 && headTimer == null && left <= 0) {
      closeNow();
    } else {
      startIdleTimer(left > 0 ? left : limits.idle().toNanos());
    }
  }
}
