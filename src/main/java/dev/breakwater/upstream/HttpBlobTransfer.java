package dev.breakwater.upstream;

import dev.breakwater.oci.ContentKind;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A download over HTTP/1.1. Confined to the context that opened it. */
final class HttpBlobTransfer implements BlobTransfer {
  private final Vertx vertx;
  private final Answer answer;
  private final HttpClientResponse response;
  private final long offset;
  private final OptionalLong totalSize;
  private final OptionalLong length;
  private final Pace pace;
  private final OutcomeRecorder outcomes;
  private final Promise<Void> completion = Promise.promise();

  private @Nullable Handler<Buffer> receiver;
  private long received;
  private boolean watched;
  private long watch;

  /** Takes over the answer, which is paused, and the duty to report its call's end. */
  HttpBlobTransfer(
      Vertx vertx,
      Answer answer,
      long offset,
      OptionalLong totalSize,
      OptionalLong length,
      Pace pace,
      OutcomeRecorder outcomes) {
    this.vertx = vertx;
    this.answer = answer;
    this.response = answer.response();
    this.offset = offset;
    this.totalSize = totalSize;
    this.length = length;
    this.pace = pace;
    this.outcomes = outcomes;
    response.exceptionHandler(failure -> fail(TransportFailures.of(answer.attempt(), failure)));
    response.endHandler(end -> ended());
    response.handler(this::received);
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public OptionalLong totalSize() {
    return totalSize;
  }

  @Override
  public OptionalLong length() {
    return length;
  }

  @Override
  public BlobTransfer handler(Handler<Buffer> handler) {
    if (receiver != null) {
      throw new IllegalStateException("the handler is set once");
    }
    receiver = handler;
    return this;
  }

  @Override
  public Future<Void> completion() {
    return completion.future();
  }

  @Override
  public void pause() {
    pace.pause();
    response.pause();
  }

  @Override
  public void resume() {
    if (receiver == null) {
      throw new IllegalStateException("set the handler before the bytes may come");
    }
    if (isOver() || pace.isFlowing()) {
      return;
    }
    pace.resume();
    watch();
    response.resume();
  }

  @Override
  public void cancel() {
    if (length.isPresent() && received == length.getAsLong()) {
      // Everything is here but the end, which comes next: the connection can be used again.
      answer.response().resume();
      return;
    }
    fail(UpstreamOutcome.CANCELLED, "we gave up after " + progress());
  }

  private void received(Buffer piece) {
    if (isOver() || receiver == null) {
      return;
    }
    pace.received(piece.length());
    received += piece.length();
    outcomes.fetched(ContentKind.BLOB, piece.length());
    if (length.isPresent() && received > length.getAsLong()) {
      fail(UpstreamOutcome.INVALID, "it sent more than it announced: " + progress());
      return;
    }
    receiver.handle(piece);
  }

  private void ended() {
    if (isOver()) {
      return;
    }
    if (length.isPresent() && received < length.getAsLong()) {
      fail(UpstreamOutcome.CONNECT, "the body broke off after " + progress());
      return;
    }
    stopWatching();
    outcomes.succeeded(answer.attempt().call());
    completion.complete();
  }

  private void fail(UpstreamOutcome outcome, String reason) {
    fail(answer.attempt().failure(outcome, reason));
  }

  private void fail(UpstreamException failure) {
    if (isOver()) {
      return;
    }
    stopWatching();
    outcomes.failed(answer.attempt().call(), failure);
    completion.fail(failure);
    // Last, because closing calls the exception handler on the spot.
    answer.abort();
  }

  /** One timer at a time, set for the earliest moment at which the pace can be wrong. */
  private void watch() {
    if (watched) {
      return;
    }
    watched = true;
    long millis = pace.untilNextLook().toMillis();
    watch = vertx.setTimer(Math.max(1, millis), id -> look());
  }

  private void look() {
    watched = false;
    if (isOver() || !pace.isFlowing()) {
      return;
    }
    pace.complaint()
        .ifPresentOrElse(
            complaint -> fail(UpstreamOutcome.TIMEOUT, complaint + ", after " + progress()),
            this::watch);
  }

  private void stopWatching() {
    if (watched) {
      watched = false;
      vertx.cancelTimer(watch);
    }
  }

  private boolean isOver() {
    return completion.future().isComplete();
  }

  private String progress() {
    return length.isPresent()
        ? received + " of " + length.getAsLong() + " bytes"
        : received + " bytes";
  }
}
