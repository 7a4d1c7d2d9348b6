package dev.breakwater.http;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Reads the small form that a request brings. Confined to the request's event loop.
 *
 * @param deadline the time in which it must have come
 */
record FormBody(Vertx vertx, Duration deadline) {
  /** The largest form, in bytes. */
  static final int MAX_BYTES = 16 * 1024;

  private static final String TYPE = "application/x-www-form-urlencoded";

  /**
   * The fields of the form; fails if it is none, too large, or too slow. To be called while the
   * request is taken.
   */
  Future<Query> read(HttpServerRequest request) {
    String type = request.headers().get(Fields.CONTENT_TYPE);
    if (type == null || !type.toLowerCase(java.util.Locale.ROOT).startsWith(TYPE)) {
      return refuse(ErrorCode.REQUEST_INVALID, "the body must be " + TYPE);
    }
    Promise<Query> form = Promise.promise();
    Buffer body = Buffer.buffer();
    request.exceptionHandler(
        broken -> form.tryFail(new ClientLeftException("gone during the form")));
    request.handler(
        piece -> {
          if (body.length() + piece.length() <= MAX_BYTES) {
            body.appendBuffer(piece);
          } else {
            form.tryFail(
                new RegistryException(
                    ErrorCode.CONTENT_TOO_LARGE, "the form has more than " + MAX_BYTES + " bytes"));
          }
        });
    request.endHandler(ended -> complete(form, body));
    long timer =
        vertx.setTimer(
            deadline.toMillis(),
            late ->
                form.tryFail(
                    new RegistryException(
                        ErrorCode.REQUEST_INVALID, "the form did not come in time")));
    return form.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private static void complete(Promise<Query> form, Buffer body) {
    try {
      form.tryComplete(Query.of("?" + body.toString(StandardCharsets.UTF_8)));
    } catch (RegistryException e) {
      form.tryFail(new RegistryException(ErrorCode.REQUEST_INVALID, "the form is malformed"));
    }
  }

  private static <T> Future<T> refuse(ErrorCode code, String message) {
    return Future.failedFuture(new RegistryException(code, message));
  }
}
