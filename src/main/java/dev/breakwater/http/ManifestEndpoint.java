package dev.breakwater.http;

import dev.breakwater.oci.DistributionRequest.ManifestResource;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Reference;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.Manifests;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;

/**
 * {@code GET|HEAD /v2/<name>/manifests/<reference>} (end-3). The {@code Accept} header is not
 * looked at: what is stored is answered, byte for byte, with the type it was stored with.
 */
final class ManifestEndpoint implements Endpoint<Target<ManifestResource>> {

  @Override
  public Future<Void> answer(Exchange exchange, Target<ManifestResource> target) {
    Manifests manifests = target.repository().manifests();
    Reference reference = target.resource().reference();
    return exchange.isHead()
        ? manifests.stat(reference).compose(served -> describe(exchange, served))
        : manifests.get(reference).compose(served -> send(exchange, served));
  }

  private static Future<Void> describe(Exchange exchange, Served<ManifestStat> served) {
    ManifestStat stat = served.value();
    if (begin(exchange, stat, served.provenance())) {
      exchange.response().putHeader(Fields.CONTENT_LENGTH, Long.toString(stat.size()));
    }
    return exchange.endEmpty();
  }

  private static Future<Void> send(Exchange exchange, Served<Manifest> served) {
    Manifest manifest = served.value();
    if (begin(exchange, ManifestStat.of(manifest), served.provenance())) {
      // Wrapped, not copied: the bytes never change.
      return exchange.end(BufferInternal.buffer(Unpooled.wrappedBuffer(manifest.bytes())));
    }
    return exchange.endEmpty();
  }

  /** Writes the head but for the length; says whether content follows, as after 304 it does not. */
  private static boolean begin(Exchange exchange, ManifestStat stat, Provenance provenance) {
    String tag = EntityTags.of(stat.digest());
    boolean known = EntityTags.noneMatchNames(exchange.request().headers(), tag);
    HttpServerResponse response =
        exchange
            .begin(known ? 304 : 200, provenance)
            .putHeader(Fields.CONTENT_DIGEST, stat.digest().toString())
            .putHeader(Fields.ETAG, tag);
    if (!known) {
      response.putHeader(Fields.CONTENT_TYPE, stat.mediaType().value());
    }
    return !known;
  }
}
