package dev.breakwater.http;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.DistributionRequest;
import dev.breakwater.oci.DistributionRequest.Base;
import dev.breakwater.oci.DistributionRequest.BlobResource;
import dev.breakwater.oci.DistributionRequest.Catalog;
import dev.breakwater.oci.DistributionRequest.InRepository;
import dev.breakwater.oci.DistributionRequest.ManifestResource;
import dev.breakwater.oci.DistributionRequest.ReferrersResource;
import dev.breakwater.oci.DistributionRequest.TagListResource;
import dev.breakwater.oci.DistributionRequest.UploadResource;
import dev.breakwater.oci.DistributionRequest.UploadsResource;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.Repository;
import dev.breakwater.registry.Zones;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * From a filtered request to the handler of its resource. A switch and not a list of patterns: the
 * path is parsed once, into a closed set of resources.
 */
final class ApiRouter {
  private static final int MAX_NAMESPACE = 255;

  private final Zones zones;
  private final BaseHandler base = new BaseHandler();
  private final ManifestHandler manifests = new ManifestHandler();
  private final TagListHandler tags = new TagListHandler();
  private final ReferrersHandler referrers = new ReferrersHandler();
  private final BlobHandler blobs;

  ApiRouter(Zones zones, BlobHandler blobs) {
    this.zones = zones;
    this.blobs = blobs;
  }

  /**
   * Answers the request.
   *
   * @return completes when the answer has left; fails with what the one error responder must turn
   *     into an answer, or with {@link ClientLeftException}
   */
  Future<Void> answer(Exchange exchange) {
    try {
      DistributionRequest parsed = DistributionRequest.parse(exchange.path());
      return route(exchange, parsed);
    } catch (RegistryException e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Void> route(Exchange exchange, DistributionRequest parsed) {
    return switch (parsed.resource()) {
      case Base ignored -> {
        requireRead(exchange);
        yield base.answer(exchange);
      }
      case Catalog ignored ->
          throw new RegistryException(
              ErrorCode.UNSUPPORTED, "a mirror has no catalog of repositories");
      case InRepository resource -> inRepository(exchange, parsed.prefix(), resource);
    };
  }

  private Future<Void> inRepository(Exchange exchange, String prefix, InRepository resource) {
    describe(exchange, resource);
    Query query = Query.of(exchange.target().uri());
    Optional<String> namespace = query.single("ns");
    namespace.ifPresent(ApiRouter::checkNamespace);
    Zones.Target target =
        zones.resolve(namespace, exchange.target().host(), prefix, resource.name());
    exchange.at(target);
    namespace.ifPresent(exchange::chosenBy);
    requireRead(exchange);
    Repository repository = target.repository();
    return switch (resource) {
      case ManifestResource manifest ->
          manifests.answer(exchange, repository, manifest.reference());
      case BlobResource blob -> blobs.answer(exchange, repository, blob.digest());
      case TagListResource list -> tags.answer(exchange, query, list.name(), repository);
      case ReferrersResource subject ->
          referrers.answer(exchange, query, repository, subject.digest());
      case UploadsResource ignored -> throw readOnly(exchange);
      case UploadResource ignored -> throw readOnly(exchange);
    };
  }

  private static void describe(Exchange exchange, InRepository resource) {
    ContentKind kind =
        switch (resource) {
          case ManifestResource ignored -> ContentKind.MANIFEST;
          case BlobResource ignored -> ContentKind.BLOB;
          case TagListResource ignored -> ContentKind.TAGS;
          case ReferrersResource ignored -> ContentKind.REFERRERS;
          case UploadsResource ignored -> ContentKind.OTHER;
          case UploadResource ignored -> ContentKind.OTHER;
        };
    String reference =
        switch (resource) {
          case ManifestResource manifest -> manifest.reference().toString();
          case BlobResource blob -> blob.digest().toString();
          case ReferrersResource subject -> subject.digest().toString();
          case TagListResource ignored -> "";
          case UploadsResource ignored -> "";
          case UploadResource ignored -> "";
        };
    exchange.about(kind, resource.name().value(), reference);
  }

  /** A name that could not be a registry's is malformed; one that merely is not ours is unknown. */
  private static void checkNamespace(String namespace) {
    boolean valid = !namespace.isEmpty() && namespace.length() <= MAX_NAMESPACE;
    for (int i = 0; i < namespace.length() && valid; i++) {
      char c = namespace.charAt(i);
      valid =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || ".-_:".indexOf(c) >= 0;
    }
    if (!valid) {
      throw new RegistryException(
          ErrorCode.REQUEST_INVALID, "ns=" + Quoted.of(namespace) + " is not a registry's name");
    }
  }

  private static void requireRead(Exchange exchange) {
    if (!exchange.isRead()) {
      throw readOnly(exchange);
    }
  }

  private static RegistryException readOnly(Exchange exchange) {
    exchange.response().putHeader(Fields.ALLOW, "GET, HEAD");
    return new RegistryException(
        ErrorCode.UNSUPPORTED,
        exchange.request().method() + " is not offered here: this is a mirror, to be pulled from");
  }
}
