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
          answer.refuse(
              UpstreamOutcome.INVALID,
              "it sent an encoded body although only 'identity' was accepted"));
    }
    HttpClientResponse response = answer.response();
    Promise<byte[]> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    long timer =
        vertx.setTimer(
            attempt.deadline().remainingMillis(),
            id ->
                giveUp(
                    answer,
                    whole,
                    attempt.failure(
                        UpstreamOutcome.TIMEOUT,
                        "the body was not complete within the time limit")));
    response.exceptionHandler(failure -> whole.tryFail(TransportFailures.of(attempt, failure)));
    response.endHandler(end -> whole.tryComplete(body.getBytes()));
    response.handler(
        piece -> {
          ledger.fetched(attempt.call().kind(), piece.length());
          if (body.length() + piece.length() <= limit) {
            body.appendBuffer(piece);
          } else {
            giveUp(answer, whole, tooLong(attempt, limit));
          }
        });
    response.resume();
    return whole.future().onComplete(result -> vertx.cancelTimer(timer));
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
    return attempt.failure(
        UpstreamOutcome.INVALID, "the body is longer than the " + limit + " bytes taken of it");
  }
}
