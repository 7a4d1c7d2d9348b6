package dev.breakwater.http;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.Seconds;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure becomes an answer: status, headers, the JSON every client parses,
 * the cause in the access line, and the counter.
 */
final class ErrorResponder {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorResponder.class);

  private final Metrics metrics;
  private final AccessRefusals access;

  ErrorResponder(Metrics metrics, AccessRefusals access) {
    this.metrics = metrics;
    this.access = access;
  }

  /**
   * Answers with the error. If the answer's head is out already the connection is closed short with
   * FIN: an unexpected end on which clients resume, never a complete-looking body.
   */
  Future<Void> answer(Exchange exchange, Throwable failure) {
    RegistryException error =
        access.told(exchange, known(failure, exchange.response().headWritten()));
    FailureCause cause = error.failureCause();
    if (cause == FailureCause.INTERNAL) {
      LOG.error("{}: internal error", exchange.subject(), error.getCause());
    }
    exchange.noteError(cause, error.code() + ": " + error.getMessage());
    if (exchange.response().headWritten()) {
      exchange.failed();
      exchange.guard().closeSoftly();
      return Future.succeededFuture();
    }
    ErrorCode code = error.code();
    HttpServerResponse response = exchange.beginError(code.status(), CacheStatus.of(code), cause);
    access.addChallenge(exchange, code, response);
    OptionalLong wait = secondsToWait(error);
    if (wait.isPresent()) {
      response.putHeader(Fields.RETRY_AFTER, Long.toString(wait.getAsLong()));
    }
    explain(response, cause, wait);
    return end(exchange, code, String.valueOf(error.getMessage()));
  }

  /** Answers a request that the front filter refused, and closes the connection softly. */
  Future<Void> refuse(Exchange exchange, Refusal refusal) {
    metrics.rejected(refusal.reason().label());
    ErrorCode code = refusal.status() == 405 ? ErrorCode.UNSUPPORTED : ErrorCode.REQUEST_INVALID;
    FailureCause cause =
        refusal.status() == 405 ? FailureCause.UNSUPPORTED : FailureCause.BAD_REQUEST;
    exchange.noteError(cause, refusal.message());
    exchange.closeAfterwards();
    HttpServerResponse response =
        exchange.beginError(refusal.status(), CacheStatus.of(code), cause);
    explain(response, cause, OptionalLong.empty());
    if (refusal.status() == 405) {
      response.putHeader(Fields.ALLOW, FrontFilter.ALLOWED_METHODS);
    }
    return end(exchange, code, refusal.message());
  }

  private static OptionalLong secondsToWait(RegistryException error) {
    return error.retryAfter().isPresent()
        ? OptionalLong.of(Math.max(1, Seconds.roundedUp(error.retryAfter().get())))
        : OptionalLong.empty();
  }

  /**
   * Ends the reason phrase with the cause, for clients that print it and not the body
   * (docs/findings.md#reason-phrases). It is made of constants and one number: nothing that a
   * client or an upstream has sent can be in it.
   */
  private static void explain(
      HttpServerResponse response, FailureCause cause, OptionalLong secondsToWait) {
    String phrase = response.getStatusMessage() + ": " + cause.phrase();
    response.setStatusMessage(
        secondsToWait.isPresent()
            ? phrase + " (retry in " + secondsToWait.getAsLong() + " s)"
            : phrase);
  }

  private static Future<Void> end(Exchange exchange, ErrorCode code, String message) {
    exchange.response().putHeader(Fields.CONTENT_TYPE, Fields.JSON);
    return exchange.end(body(code, message));
  }

  private static Buffer body(ErrorCode code, String message) {
    JsonObject error =
        new JsonObject().put("code", code.name()).put("message", message).putNull("detail");
    return new JsonObject().put("errors", new JsonArray().add(error)).toBuffer();
  }

  private static RegistryException known(Throwable failure, boolean begun) {
    return switch (failure) {
      case RegistryException known -> known;
      // In the middle of a body: the body has said in the log which file it is.
      case IOException disk when begun ->
          new RegistryException(
              ErrorCode.UNKNOWN,
              FailureCause.DISK,
              "the mirror's disk failed: " + disk.getMessage(),
              null,
              disk);
      default ->
          new RegistryException(
              ErrorCode.UNKNOWN,
              "an internal error occurred; the server's log tells more",
              failure);
    };
  }
}
