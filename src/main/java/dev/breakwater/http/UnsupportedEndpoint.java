package dev.breakwater.http;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.List;

/** A resource of the API that a mirror does not have, uploads: no method is allowed. */
final class UnsupportedEndpoint implements Endpoint<Object> {
  @Override
  public List<HttpMethod> methods() {
    return List.of();
  }

  @Override
  public Future<Void> answer(Exchange exchange, Object target) {
    return Future.failedFuture(
        new RegistryException(ErrorCode.UNSUPPORTED, "this is a mirror, for pulls only"));
  }
}
