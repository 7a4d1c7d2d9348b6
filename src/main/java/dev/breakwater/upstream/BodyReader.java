package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads small bodies whole: never more than a limit, never longer than the attempt's deadline. */
final class BodyReader {
  /** The most that is read of bodies of errors and redirects. */
  static final int MAX_ASIDE = 64 * 1024;

  /**
   * How many bodies of one registry over {@link ParseExecutor#SMALL} are in memory at a time. The
   * others are paused: up to 8 MiB each, copied once.
   */
  static final int LARGE_BODIES = 2;

  private final Vertx vertx;
  private final OutcomeRecorder outcomes;
  private final ParseExecutor parsing;
  private final LargeBodies large = new LargeBodies(LARGE_BODIES);

  BodyReader(Vertx vertx, OutcomeRecorder outcomes, ParseExecutor parsing) {
    this.vertx = vertx;
    this.outcomes = outcomes;
    this.parsing = parsing;
  }

  /**
   * What the body is parsed to, off the event loop if it is large; one over the limit is cut off at
   * once, announced or not.
   */
  <T> Future<T> read(Answer answer, int limit, Function<byte[], T> parser) {
    Optional<UpstreamException> refusal = refusal(answer, limit);
    if (refusal.isPresent()) {
      return Future.failedFuture(refusal.get());
    }
    Reading reading = new Reading(answer, limit);
    return reading
        .begin()
        .compose(body -> parsing.run(body.length, () -> parser.apply(body)))
        .onComplete(result -> reading.release());
  }

  private static Optional<UpstreamException> refusal(Answer answer, int limit) {
    Attempt attempt = answer.attempt();
    if (answer.hasBody() && answer.contentLength().orElse(0) > limit) {
      answer.abort();
      return Optional.of(tooLong(attempt, limit));
    }
    if (answer.hasBody() && answer.isEncoded()) {
      return Optional.of(
          answer.refuse("it sent an encoded body although only 'identity' was accepted"));
    }
    return Optional.empty();
  }

  /** Lets the connection be used again if the rest is short, and closes it otherwise. */
  void discard(Answer answer) {
    read(answer, MAX_ASIDE, body -> body.length);
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
    private Buffer body = Buffer.buffer();
    private final long stall;
    private final long end;
    private int seen;
    private long watch;

    /** Null until the body is large; complete when it has its permit. */
    private @Nullable Future<Void> permit;

    Reading(Answer answer, int limit) {
      this.answer = answer;
      this.limit = limit;
      long left = answer.attempt().deadline().remainingMillis();
      this.stall = Math.max(1, left / STALLS);
      this.end =
          vertx.setTimer(
              left,
              id ->
                  giveUp(
                      isWaiting()
                          ? "other large bodies of this registry were read for too long"
                          : "the body was not complete within the time limit"));
    }

    Future<byte[]> begin() {
      watch = vertx.setTimer(stall, id -> look());
      HttpClientResponse response = answer.response();
      response.exceptionHandler(
          failure -> whole.tryFail(TransportFailures.of(answer.attempt(), failure)));
      response.endHandler(over -> ended());
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
      outcomes.fetched(answer.attempt().call().kind(), piece.length());
      if (whole.future().isComplete()) {
        return;
      }
      if (body.length() + piece.length() > limit) {
        BodyReader.giveUp(answer, whole, tooLong(answer.attempt(), limit));
        return;
      }
      body.appendBuffer(piece);
      if (permit == null && body.length() > ParseExecutor.SMALL) {
        waitForPermit();
      }
    }

    private void waitForPermit() {
      Future<Void> asked = large.acquire();
      permit = asked;
      if (asked.isComplete()) {
        return;
      }
      HttpClientResponse response = answer.response().pause();
      Future.fromCompletionStage(asked.toCompletionStage(), vertx.getOrCreateContext())
          .onSuccess(
              granted -> {
                if (!whole.future().isComplete()) {
                  response.resume();
                }
              });
    }

    private boolean isWaiting() {
      return permit != null && !permit.isComplete();
    }

    private void ended() {
      byte[] bytes = body.getBytes();
      body = Buffer.buffer();
      whole.tryComplete(bytes);
    }

    /** To be called once, when nothing of the body is needed any more. */
    void release() {
      body = Buffer.buffer();
      if (permit != null) {
        permit.onSuccess(granted -> large.release());
      }
    }

    private void look() {
      if (body.length() == seen && !isWaiting()) {
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
