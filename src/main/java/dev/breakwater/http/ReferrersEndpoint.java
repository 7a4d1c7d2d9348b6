package dev.breakwater.http;

import dev.breakwater.oci.DistributionRequest.ReferrersResource;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Served;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.List;
import java.util.Optional;

/** {@code GET|HEAD /v2/<name>/referrers/<digest>} (end-12). */
final class ReferrersEndpoint implements Endpoint<Target<ReferrersResource>> {

  @Override
  public Future<Void> answer(Exchange exchange, Target<ReferrersResource> target) {
    // containerd may name several types, and filters by itself what is not said to be filtered.
    List<String> types = target.query().all("artifactType");
    Optional<String> type =
        types.size() == 1 && !types.getFirst().isEmpty()
            ? Optional.of(types.getFirst())
            : Optional.empty();
    return target
        .repository()
        .referrers()
        .list(target.resource().digest(), type)
        .compose(served -> send(exchange, served));
  }

  private static Future<Void> send(Exchange exchange, Served<ReferrersListing> served) {
    HttpServerResponse response =
        exchange.begin(200, served.provenance()).putHeader(Fields.CONTENT_TYPE, Fields.OCI_INDEX);
    if (served.value().filtered()) {
      response.putHeader(Fields.FILTERS_APPLIED, "artifactType");
    }
    return exchange.end(BufferInternal.buffer(Unpooled.wrappedBuffer(served.value().index())));
  }
}
