package dev.breakwater.upstream;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Turns what the transport threw into an outcome and a sentence. */
final class TransportFailures {
  private TransportFailures() {}

  /** The failure as ours; one that is ours already stays as it is. */
  static UpstreamException of(Attempt attempt, Throwable failure) {
    if (failure instanceof UpstreamException known) {
      return known;
    }
    if (caused(failure, SSLException.class) || caused(failure, CertificateException.class)) {
      return attempt.failure(
          UpstreamOutcome.TLS, "TLS failed: " + NativeErrors.text(failure), failure);
    }
    if (failure instanceof UnknownHostException) {
      return attempt.failure(UpstreamOutcome.CONNECT, NativeErrors.text(failure), failure);
    }
    if (failure instanceof ConnectionPoolTooBusyException) {
      return attempt.finalFailure(
          UpstreamOutcome.BUSY, "too many requests are waiting for a connection", failure);
    }
    if (failure instanceof ConnectTimeoutException) {
      return attempt.failure(UpstreamOutcome.CONNECT, "connecting took too long", failure);
    }
    if (failure instanceof TimeoutException) {
      return attempt.finalFailure(
          UpstreamOutcome.BUSY, "no connection became free in time", failure);
    }
    if (failure instanceof ConnectException || failure instanceof NoRouteToHostException) {
      return attempt.failure(
          UpstreamOutcome.CONNECT, "cannot connect: " + NativeErrors.text(failure), failure);
    }
    if (isMalformed(failure)) {
      return attempt.failure(
          UpstreamOutcome.INVALID,
          "its answer is not valid HTTP: " + NativeErrors.text(failure),
          failure);
    }
    return attempt.failure(
        UpstreamOutcome.CONNECT, "the connection broke: " + NativeErrors.text(failure), failure);
  }

  /** What Netty's decoder throws for header bombs, bad chunk sizes, contradicting lengths. */
  private static boolean isMalformed(Throwable failure) {
    return !(failure instanceof IOException)
        && (failure instanceof DecoderException || failure instanceof IllegalArgumentException);
  }

  private static boolean caused(Throwable failure, Class<? extends Throwable> type) {
    @Nullable Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 10; depth++, cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }
}
