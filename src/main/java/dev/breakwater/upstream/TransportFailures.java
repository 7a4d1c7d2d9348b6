package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
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
      return attempt.failure(UpstreamOutcome.TLS, "TLS failed: " + innermost(failure), failure);
    }
    if (failure instanceof UnknownHostException) {
      return attempt.failure(UpstreamOutcome.CONNECT, "the host name does not resolve", failure);
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
          UpstreamOutcome.CONNECT, "cannot connect: " + innermost(failure), failure);
    }
    if (isMalformed(failure)) {
      return attempt.failure(
          UpstreamOutcome.INVALID,
          "its answer is not valid HTTP (" + failure.getClass().getSimpleName() + ")",
          failure);
    }
    return attempt.failure(
        UpstreamOutcome.CONNECT, "the connection broke: " + innermost(failure), failure);
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

  private static String innermost(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; depth < 10; depth++) {
      Throwable next = cause.getCause();
      if (next == null) {
        break;
      }
      cause = next;
    }
    String message = cause.getMessage();
    return Quoted.escape(message == null ? cause.getClass().getSimpleName() : message);
  }
}
