package dev.breakwater.http;

import dev.breakwater.oci.ByteRange;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * Sends one blob, or a range of it, as its bytes become available. Confined to the request's event
 * loop; owns the body and closes it exactly when no more of it is needed.
 */
final class BlobSender implements PaceGuard.Reader {
  /*
   * ask for the next region -> send it -> ask again. One region is under way at a time, so a slow
   * client slows only itself. The head leaves at once, unless the first region is already
   * there or already known never to come: a failure before the head is a proper error, and a client
   * is not kept waiting for the head while upstream is slow (containerd gives up after 30 s).
   *
   * It ends in one of four ways, each closing the body: all bytes sent; the source fails (the
   * responder then closes the connection short, so that the client sees an unexpected end and not a
   * complete-looking body); the client leaves; the client is too slow and is cut off.
   */
  private final Exchange exchange;
  private final HttpServerResponse response;
  private final BlobBody body;
  private final FileSender files;
  private final PaceGuard pace;
  private final Promise<Void> done = Promise.promise();

  private long at;
  private final long end;
  private long taken;
  private boolean writing;
  private boolean over;
  private boolean stepping;
  private boolean stepAgain;

  /** Takes over the body. */
  BlobSender(
      Exchange exchange, BlobBody body, FileSender files, PaceGuard pace, long at, long end) {
    this.exchange = exchange;
    this.response = exchange.response();
    this.body = body;
    this.files = files;
    this.pace = pace;
    this.at = at;
    this.end = end;
  }

  /** All of a blob. */
  static BlobSender whole(Exchange exchange, BlobBody body, FileSender files, PaceGuard pace) {
    return new BlobSender(exchange, body, files, pace, 0, body.size());
  }

  /** A range of a blob. */
  static BlobSender part(
      Exchange exchange, BlobBody body, FileSender files, PaceGuard pace, ByteRange range) {
    return new BlobSender(exchange, body, files, pace, range.first(), range.end());
  }

  /**
   * Sends it.
   *
   * @param head sets status and headers of the answer; not called if there will be no answer
   * @return completes when the last byte has left, fails with {@link ClientLeftException} or with
   *     what the body failed with
   */
  Future<Void> send(Runnable head) {
    if (response.closed()) {
      body.close();
      return Future.failedFuture(new ClientLeftException("gone before the answer"));
    }
    response.closeHandler(closed -> stop(new ClientLeftException("gone during the answer")));
    Future<Region> first = at == end ? null : body.next(at, end);
    if (first != null && first.failed()) {
      stop(first.cause());
      return done.future();
    }
    pace.watch(this);
    head.run();
    exchange.firstByteSent();
    response.writeHead();
    if (first == null) {
      finish();
    } else {
      first.onComplete(this::sendRegion);
    }
    return done.future();
  }

  /** Steps on; a step that completes at once goes round the loop instead of deepening the stack. */
  private void step() {
    stepAgain = true;
    if (stepping) {
      return;
    }
    stepping = true;
    while (stepAgain && !over) {
      stepAgain = false;
      if (at == end) {
        finish();
      } else {
        body.next(at, end).onComplete(this::sendRegion);
      }
    }
    stepping = false;
  }

  private void sendRegion(AsyncResult<Region> next) {
    if (over) {
      return;
    }
    if (next.failed()) {
      stop(next.cause());
      return;
    }
    Region region = next.result();
    writing = true;
    Future<Void> sent =
        switch (region) {
          case Region.OfFile(var file, long offset, long length) ->
              files.send(file, offset, length, this::took);
          case Region.OfBuffer(Buffer buffer) -> write(buffer);
        };
    sent.onComplete(
        result -> {
          writing = false;
          if (over) {
            return;
          }
          if (result.failed()) {
            if (!(result.cause() instanceof ClientLeftException)) {
              body.unreadable(result.cause());
            }
            stop(result.cause());
          } else {
            at += region.length();
            step();
          }
        });
  }

  private Future<Void> write(Buffer buffer) {
    return response
        .write(buffer)
        .onSuccess(written -> took(buffer.length()))
        .recover(failure -> Future.failedFuture(new ClientLeftException("takes no more bytes")));
  }

  private void took(long count) {
    taken += count;
    exchange.sent(count);
  }

  private void finish() {
    release();
    response.closeHandler(null);
    response
        .end()
        .onSuccess(ended -> done.tryComplete())
        .onFailure(
            failure -> done.tryFail(new ClientLeftException("gone at the end of the answer")));
  }

  private void stop(Throwable cause) {
    if (!over) {
      release();
      done.tryFail(cause);
    }
  }

  private void release() {
    over = true;
    pace.forget(this);
    body.close();
  }

  @Override
  public long taken() {
    return taken + (writing ? exchange.guard().progressOfCurrentWrite() : 0);
  }

  @Override
  public boolean waitsForClient() {
    return writing;
  }

  @Override
  public void cutOff() {
    exchange.guard().closeNow();
    stop(ClientLeftException.tooSlow());
  }
}
