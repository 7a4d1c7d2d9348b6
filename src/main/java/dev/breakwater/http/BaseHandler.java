package dev.breakwater.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** {@code GET /v2/} (end-1): the ping by which dockerd and podman decide whether to go on. */
final class BaseHandler {
  private static final byte[] BODY = {'{', '}'};

  Future<Void> answer(Exchange exchange) {
    exchange.beginLocal(200).putHeader(Fields.CONTENT_TYPE, Fields.JSON);
    return exchange.end(Buffer.buffer(BODY));
  }
}
