package dev.breakwater.http;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/**
 * Reads and drops what is left of a request's body before an error is answered, so that the next
 * request of the connection can be found. The work for one request is bounded in bytes and in time;
 * a body beyond either closes the connection after the answer. One per event loop, confined to it.
 *
 * @param deadline the time in which a body must end
 */
record BodyDiscarder(Vertx vertx, Duration deadline) {
  /** The largest body that is read only to be dropped, in bytes. */
  static final int MAX_BYTES = 64 * 1024;

  /** Completes, and never fails, when the request may be answered. */
  Future<Void> discard(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    MultiMap headers = request.headers();
    long length = announced(headers);
    if (length == 0 || request.isEnded()) {
      return Future.succeededFuture();
    }
    // A client that waits for "100 Continue" may send the body or another request after the error.
    if (length > MAX_BYTES || headers.contains(Fields.EXPECT)) {
      exchange.closeAfterwards();
      return Future.succeededFuture();
    }
    Body body = new Body(exchange);
    request.exceptionHandler(broken -> body.giveUp()).handler(body::drop);
    request.endHandler(ended -> body.done.tryComplete());
    long timer = vertx.setTimer(deadline.toMillis(), late -> body.giveUp());
    return body.done.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** The length the front filter has let through; -1 if it shows only at the end. */
  private static long announced(MultiMap headers) {
    if (headers.contains(Fields.TRANSFER_ENCODING)) {
      return -1;
    }
    String length = headers.get(Fields.CONTENT_LENGTH);
    return length == null ? 0 : Long.parseLong(length);
  }

  /** How much of one body has come. */
  private static final class Body {
    private final Exchange exchange;
    private final Promise<Void> done = Promise.promise();
    private long bytes;

    Body(Exchange exchange) {
      this.exchange = exchange;
    }

    void drop(Buffer piece) {
      bytes += piece.length();
      if (bytes > MAX_BYTES) {
        giveUp();
      }
    }

    void giveUp() {
      if (!done.future().isComplete()) {
        exchange.closeAfterwards();
        done.complete();
      }
    }
  }
}
