package dev.breakwater.http;

import dev.breakwater.access.Caller;
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
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * From a filtered request to the endpoint of its resource. A switch and not a list of patterns: the
 * path is parsed once, into a closed set of resources.
 */
final class ApiRouter {
  private static final int MAX_NAMESPACE = 255;

  private final Zones zones;
  private final Permissions permissions;
  private final Optional<TokenEndpoint> tokens;
  private final BaseEndpoint base = new BaseEndpoint();
  private final ManifestEndpoint manifests = new ManifestEndpoint();
  private final TagListEndpoint tags = new TagListEndpoint();
  private final ReferrersEndpoint referrers = new ReferrersEndpoint();
  private final CatalogEndpoint catalog = new CatalogEndpoint();
  private final UnsupportedEndpoint unsupported = new UnsupportedEndpoint();
  private final SetupEndpoint setup;
  private final BlobEndpoint blobs;

  /**
   * A resource and what answers it.
   *
   * @param kind what the log and the metrics call it
   * @param reference the tag or digest that is named, or empty
   */
  private record Route<R extends InRepository>(
      Endpoint<? super Target<R>> endpoint, R resource, ContentKind kind, String reference) {
    Future<Void> follow(Exchange exchange, Repository repository, Query query) {
      return ask(endpoint, exchange, new Target<>(resource, repository, query));
    }
  }

  /** With {@code tokens} where this listener gives tokens. */
  ApiRouter(
      Zones zones, Permissions permissions, Optional<TokenEndpoint> tokens, BlobEndpoint blobs) {
    this.zones = zones;
    this.tokens = tokens;
    this.permissions = permissions;
    setup = new SetupEndpoint(zones.names());
    this.blobs = blobs;
  }

  /**
   * Answers the request.
   *
   * @return as {@link Endpoint#answer}
   */
  Future<Void> answer(Exchange exchange) {
    if (tokens.isPresent() && exchange.path().equals(Challenges.TOKEN_PATH)) {
      return tokens.get().methods().contains(exchange.request().method())
          ? tokens.get().answer(exchange)
          : Future.failedFuture(unsupported(exchange, tokens.get().methods()));
    }
    try {
      if (SetupEndpoint.has(exchange.path())) {
        return ask(setup, exchange, SetupEndpoint.page(exchange.path()));
      }
      DistributionRequest parsed = DistributionRequest.parse(exchange.path());
      return switch (parsed.resource()) {
        case Base resource -> ping(exchange, resource);
        case Catalog resource -> catalog(exchange, parsed.prefix());
        case InRepository resource -> inRepository(exchange, parsed.prefix(), route(resource));
      };
    } catch (RegistryException e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Void> ping(Exchange exchange, Base resource) {
    if (base.methods().contains(exchange.request().method())) {
      permissions.requireForPing(exchange);
    }
    return ask(base, exchange, resource);
  }

  private Future<Void> catalog(Exchange exchange, String prefix) {
    Query query = Query.of(exchange.target().uri());
    Optional<String> namespace = query.single("ns");
    namespace.ifPresent(ApiRouter::checkNamespace);
    if (catalog.methods().contains(exchange.request().method())) {
      permissions.requireForCatalog(exchange);
    }
    List<Zones.CatalogPart> parts = zones.catalog(namespace, exchange.target().host(), prefix);
    namespace.ifPresent(exchange::chosenBy);
    return ask(
        catalog,
        exchange,
        new CatalogEndpoint.Listing(parts, permissions.readableBy(exchange.identity()), query));
  }

  private Future<Void> inRepository(Exchange exchange, String prefix, Route<?> route) {
    exchange.about(route.kind(), route.resource().name().value(), route.reference());
    Query query = Query.of(exchange.target().uri());
    Optional<String> namespace = query.single("ns");
    namespace.ifPresent(ApiRouter::checkNamespace);
    Zones.Target target =
        zones.resolve(namespace, exchange.target().host(), prefix, route.resource().name());
    exchange.at(target);
    namespace.ifPresent(exchange::chosenBy);
    // A method that no client may use is refused as such.
    if (route.endpoint().methods().contains(exchange.request().method())) {
      // Tokens are asked for without ns and path, so the name alone must find the registry.
      boolean isPlain = namespace.isEmpty() && prefix.isEmpty();
      String name = route.resource().name().value();
      permissions.require(
          exchange, target, isPlain ? name : Caller.scopeName(target.zone(), target.name()));
    }
    // Not before: the permissions may ignore who the client is.
    return route.follow(exchange, target.repository(exchange.identity()), query);
  }

  private Route<?> route(InRepository resource) {
    return switch (resource) {
      case ManifestResource manifest ->
          new Route<>(manifests, manifest, ContentKind.MANIFEST, manifest.reference().toString());
      case BlobResource blob ->
          new Route<>(blobs, blob, ContentKind.BLOB, blob.digest().toString());
      case TagListResource list -> new Route<>(tags, list, ContentKind.TAGS, "");
      case ReferrersResource subject ->
          new Route<>(referrers, subject, ContentKind.REFERRERS, subject.digest().toString());
      case UploadsResource uploads -> new Route<>(unsupported, uploads, ContentKind.OTHER, "");
      case UploadResource upload -> new Route<>(unsupported, upload, ContentKind.OTHER, "");
    };
  }

  private static <T> Future<Void> ask(Endpoint<? super T> endpoint, Exchange exchange, T target) {
    HttpMethod method = exchange.request().method();
    if (endpoint.methods().contains(method)) {
      return endpoint.answer(exchange, target);
    }
    throw unsupported(exchange, endpoint.methods());
  }

  private static RegistryException unsupported(Exchange exchange, List<HttpMethod> methods) {
    String allowed = methods.stream().map(HttpMethod::name).collect(Collectors.joining(", "));
    exchange.response().putHeader(Fields.ALLOW, allowed);
    return new RegistryException(
        ErrorCode.UNSUPPORTED,
        exchange.request().method()
            + " is not supported here"
            + (allowed.isEmpty() ? "" : ", only " + allowed)
            + ": this is a mirror, for pulls only");
  }

  /** A name that could not be a registry's is malformed; one that merely is not ours is unknown. */
  private static void checkNamespace(String namespace) {
    boolean valid = !namespace.isEmpty() && namespace.length() <= MAX_NAMESPACE;
    for (int i = 0; i < namespace.length() && valid; i++) {
      char c = namespace.charAt(i);
      valid = FrontFilter.isNameCharacter(c) || c == ':';
    }
    if (!valid) {
      throw new RegistryException(
          ErrorCode.REQUEST_INVALID, "ns=" + Quoted.of(namespace) + " is not a registry's name");
    }
  }
}
