package dev.breakwater.http;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure becomes an answer: status, headers, the JSON every client parses,
 * the cause in the access line, and the counter.
 */
final class ErrorResponder {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorResponder.class);

  private final Metrics metrics;

  ErrorResponder(Metrics metrics) {
    this.metrics = metrics;
  }

  /**
   * Answers with the error. If the answer's head is out already the connection is closed short with
   * FIN: an unexpected end on which clients resume, never a complete-looking body.
   */
  Future<Void> answer(Exchange exchange, Throwable failure) {
    RegistryException error =
        failure instanceof RegistryException known ? known : internalError(failure);
    if (error.code() == ErrorCode.UNKNOWN) {
      LOG.error("{}: internal error", exchange.subject(), error.getCause());
    }
    exchange.noteError(error.code() + ": " + error.getMessage());
    if (exchange.response().headWritten()) {
      exchange.failed();
      exchange.guard().closeSoftly();
      return Future.succeededFuture();
    }
    ErrorCode code = error.code();
    HttpServerResponse response =
        exchange.beginError(code.status(), CacheStatus.of(code), error.cacheResult());
    Optional<Duration> wait = error.retryAfter();
    if (wait.isPresent()) {
      long seconds = Math.max(1, wait.get().plusMillis(999).toSeconds());
      response.putHeader(Fields.RETRY_AFTER, Long.toString(seconds));
    }
    return end(exchange, code, String.valueOf(error.getMessage()));
  }

  /** Answers a request that the front filter refused, and closes the connection softly. */
  Future<Void> refuse(Exchange exchange, Refusal refusal) {
    metrics.rejected(refusal.reason().label());
    exchange.noteError(refusal.message());
    ErrorCode code = refusal.status() == 405 ? ErrorCode.UNSUPPORTED : ErrorCode.REQUEST_INVALID;
    exchange.closeAfterwards();
    HttpServerResponse response =
        exchange.beginError(refusal.status(), CacheStatus.of(code), CacheResult.ERROR);
    if (refusal.status() == 405) {
      response.putHeader(Fields.ALLOW, FrontFilter.ALLOWED_METHODS);
    }
    return end(exchange, code, refusal.message());
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

  private static RegistryException internalError(Throwable failure) {
    return new RegistryException(
        ErrorCode.UNKNOWN, "an internal error occurred; the server's log tells more", failure);
  }
}
