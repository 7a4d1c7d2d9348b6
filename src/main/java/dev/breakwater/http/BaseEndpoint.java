package dev.breakwater.http;

import dev.breakwater.oci.DistributionRequest.Base;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** {@code GET /v2/} (end-1): the ping by which dockerd and podman decide whether to go on. */
final class BaseEndpoint implements Endpoint<Base> {
  private static final byte[] BODY = {'{', '}'};

  @Override
  public Future<Void> answer(Exchange exchange, Base target) {
    exchange.beginLocal(200).putHeader(Fields.CONTENT_TYPE, Fields.JSON);
    return exchange.end(Buffer.buffer(BODY));
  }
}
