package dev.breakwater.http;

import dev.breakwater.oci.ByteRange;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DistributionRequest.BlobResource;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.BlobStat;
import dev.breakwater.registry.Blobs;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** {@code GET|HEAD /v2/<name>/blobs/<digest>} (end-2). One per event loop. */
record BlobEndpoint(
    Function<HttpServerRequest, FileSender> fileSenders, PaceGuard pace, RepeatedRequests repeated)
    implements Endpoint<Target<BlobResource>> {

  @Override
  public Future<Void> answer(Exchange exchange, Target<BlobResource> target) {
    Digest digest = target.resource().digest();
    Blobs blobs = target.repository().blobs();
    MultiMap headers = exchange.request().headers();
    String tag = EntityTags.of(digest);
    boolean known = EntityTags.noneMatchNames(headers, tag);
    if (known || exchange.isHead()) {
      return blobs.stat(digest).compose(served -> describe(exchange, digest, known, served));
    }
    Optional<RangeRequest> range;
    try {
      range = EntityTags.rangeHolds(headers, tag) ? range(headers) : Optional.empty();
    } catch (RegistryException malformed) {
      return blobs
          .stat(digest)
          .compose(served -> outside(exchange, served.value().size(), malformed));
    }
    if (range.isEmpty() && repeated.isRepeated(exchange.clientHost(), digest)) {
      blobs.doubt(digest);
    }
    return blobs.open(digest, range).compose(served -> send(exchange, digest, range, served));
  }

  /** The range asked for; more than one header is as good as none. */
  private static Optional<RangeRequest> range(MultiMap headers) {
    if (!headers.contains(Fields.RANGE)) {
      return Optional.empty();
    }
    List<String> ranges = headers.getAll(Fields.RANGE);
    return ranges.size() == 1 ? RangeRequest.parse(ranges.getFirst()) : Optional.empty();
  }

  private static Future<Void> describe(
      Exchange exchange, Digest digest, boolean known, Served<BlobStat> served) {
    HttpServerResponse response = begin(exchange, known ? 304 : 200, digest, served.provenance());
    if (!known) {
      response
          .putHeader(Fields.CONTENT_TYPE, served.value().mediaType().value())
          .putHeader(Fields.CONTENT_LENGTH, Long.toString(served.value().size()));
    }
    return exchange.endEmpty();
  }

  private Future<Void> send(
      Exchange exchange, Digest digest, Optional<RangeRequest> asked, Served<BlobBody> served) {
    BlobBody body = served.value();
    FileSender files = fileSenders.apply(exchange.request());
    if (asked.isEmpty()) {
      return BlobSender.whole(exchange, body, files, pace)
          .send(() -> contentHead(exchange, 200, body, body.size(), served.provenance()))
          .onSuccess(sent -> repeated.delivered(exchange.clientHost(), digest));
    }
    ByteRange range;
    try {
      range = asked.get().resolve(body.size());
    } catch (RegistryException unsatisfiable) {
      body.close();
      return outside(exchange, body.size(), unsatisfiable);
    }
    return BlobSender.part(exchange, body, files, pace, range)
        .send(
            () ->
                contentHead(exchange, 206, body, range.length(), served.provenance())
                    .putHeader(Fields.CONTENT_RANGE, range.contentRange(body.size())));
  }

  private static HttpServerResponse contentHead(
      Exchange exchange, int status, BlobBody body, long length, Provenance provenance) {
    return begin(exchange, status, body.digest(), provenance)
        .putHeader(Fields.CONTENT_TYPE, body.mediaType().value())
        .putHeader(Fields.CONTENT_LENGTH, Long.toString(length));
  }

  private static HttpServerResponse begin(
      Exchange exchange, int status, Digest digest, Provenance provenance) {
    return exchange
        .begin(status, provenance)
        .putHeader(Fields.CONTENT_DIGEST, digest.toString())
        .putHeader(Fields.ETAG, EntityTags.of(digest))
        .putHeader(Fields.ACCEPT_RANGES, Fields.BYTES)
        .putHeader(Fields.CACHE_CONTROL, Fields.IMMUTABLE);
  }

  private static Future<Void> outside(Exchange exchange, long size, RegistryException failure) {
    exchange.response().putHeader(Fields.CONTENT_RANGE, "bytes */" + size);
    return Future.failedFuture(failure);
  }
}
