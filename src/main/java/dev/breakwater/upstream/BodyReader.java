package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;

/** Reads small bodies whole: never more than a limit, never longer than the attempt's deadline. */
final class BodyReader {
  /** The most that is read of what nobody wants: bodies of errors and redirects. */
  static final int MAX_ASIDE = 64 * 1024;

  private final Vertx vertx;
  private final Ledger ledger;

  BodyReader(Vertx vertx, Ledger ledger) {
    this.vertx = vertx;
    this.ledger = ledger;
  }

  /** The body; one over the limit is cut off at once, announced or not. */
  Future<byte[]> read(Answer answer, int limit) {
    Attempt attempt = answer.attempt();
    if (answer.hasBody() && answer.contentLength().orElse(0) > limit) {
      answer.abort();
      return Future.failedFuture(tooLong(attempt, limit));
    }
    if (answer.hasBody() && answer.isEncoded()) {
      return Future.failedFuture(
          answer.refuse("it sent an encoded body although only 'identity' was accepted"));
    }
    Reading reading = new Reading(answer, limit);
    return reading.begin();
  }

  /** Lets the connection be used again if the rest is short, and closes it otherwise. */
  void discard(Answer answer) {
    read(answer, MAX_ASIDE);
  }

  /** Fails first, because closing the connection calls the exception handler on the spot. */
  private static void giveUp(Answer answer, Promise<byte[]> whole, UpstreamException failure) {
    if (whole.tryFail(failure)) {
      answer.abort();
    }
  }

  private static UpstreamException tooLong(Attempt attempt, int limit) {
    return attempt.refusal("the body is longer than the " + limit + " bytes taken of it");
  }

  /**
   * One body on its way. It is given up when nothing of it has come for a quarter of the time there
   * was, so that there is time to ask again.
   */
  private final class Reading {
    private static final int STALLS = 4;

    private final Answer answer;
    private final int limit;
    private final Promise<byte[]> whole = Promise.promise();
    private final Buffer body = Buffer.buffer();
    private final long stall;
    private final long end;
    private int seen;
    private long watch;

    Reading(Answer answer, int limit) {
      this.answer = answer;
      this.limit = limit;
      long left = answer.attempt().deadline().remainingMillis();
      this.stall = Math.max(1, left / STALLS);
      this.end =
          vertx.setTimer(left, id -> giveUp("the body was not complete within the time limit"));
    }

    Future<byte[]> begin() {
      watch = vertx.setTimer(stall, id -> look());
      HttpClientResponse response = answer.response();
      response.exceptionHandler(
          failure -> whole.tryFail(TransportFailures.of(answer.attempt(), failure)));
      response.endHandler(over -> whole.tryComplete(body.getBytes()));
      response.handler(this::received);
      response.resume();
      return whole
          .future()
          .onComplete(
              result -> {
                vertx.cancelTimer(watch);
                vertx.cancelTimer(end);
              });
    }

    private void received(Buffer piece) {
      ledger.fetched(answer.attempt().call().kind(), piece.length());
      if (body.length() + piece.length() <= limit) {
        body.appendBuffer(piece);
      } else {
        BodyReader.giveUp(answer, whole, tooLong(answer.attempt(), limit));
      }
    }

    private void look() {
      if (body.length() == seen) {
        giveUp("no byte of the body came for " + stall + " ms");
        return;
      }
      seen = body.length();
      watch = vertx.setTimer(stall, id -> look());
    }

    private void giveUp(String why) {
      BodyReader.giveUp(answer, whole, answer.attempt().failure(UpstreamOutcome.TIMEOUT, why));
    }
  }
}
