package dev.breakwater.http;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Zones;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/**
 * {@code GET|HEAD /v2/_catalog}: the repositories that are known here, in byte order and by pages.
 * Upstream is not asked: most registries have no catalog, and theirs would list what is not here.
 */
final class CatalogEndpoint implements Endpoint<CatalogEndpoint.Listing> {
  /** As many as other registries give when nothing is asked for. */
  static final int USUAL_PAGE = 100;

  /**
   * What is to be listed.
   *
   * @param parts the registries, and what stands before their names
   * @param readable which of their repositories the client may pull from
   * @param query the request's query
   */
  record Listing(
      List<Zones.CatalogPart> parts, BiPredicate<ZoneName, RepositoryName> readable, Query query) {}

  @Override
  public Future<Void> answer(Exchange exchange, Listing listing) {
    int size = PageSize.of(listing.query()).orElse(USUAL_PAGE);
    String last = listing.query().single("last").orElse("");
    if (!last.isEmpty() && !RepositoryName.isValid(last)) {
      throw PageSize.invalid("last", last, "a repository's name");
    }
    // One more than is sent shows whether there is a next page.
    List<Future<List<String>>> parts =
        listing.parts().stream()
            .map(part -> names(listing, part, exchange.identity(), last, size + 1))
            .toList();
    return Future.all(parts)
        .compose(
            all ->
                send(
                    exchange,
                    listing,
                    size,
                    parts.stream()
                        .flatMap(part -> part.result().stream())
                        .sorted()
                        .limit(size + 1L)
                        .toList()));
  }

  /** The names of a part that are behind the last one of the page before. */
  private static Future<List<String>> names(
      Listing listing, Zones.CatalogPart part, Identity reader, String last, int most) {
    String prefix = part.prefix();
    boolean isWithin = last.startsWith(prefix) && last.length() > prefix.length();
    if (!isWithin && prefix.compareTo(last) < 0) {
      return Future.succeededFuture(List.of());
    }
    return ReadableNames.of(
            part.registry(),
            reader,
            name -> listing.readable().test(part.registry().zone(), name),
            isWithin
                ? Optional.of(new RepositoryName(last.substring(prefix.length())))
                : Optional.empty(),
            most)
        .map(
            found ->
                found.stream().map(name -> prefix + name).filter(RepositoryName::isValid).toList());
  }

  private static Future<Void> send(
      Exchange exchange, Listing listing, int size, List<String> found) {
    List<String> page = found.subList(0, Math.min(size, found.size()));
    HttpServerResponse response = exchange.beginLocal(200);
    response.putHeader(Fields.CONTENT_TYPE, Fields.JSON);
    if (found.size() > size && size > 0) {
      response.putHeader(
          Fields.LINK,
          "<"
              + exchange.path()
              + "?n="
              + size
              + "&last="
              + page.getLast()
              + listing.query().single("ns").map(ns -> "&ns=" + ns).orElse("")
              + ">; rel=\"next\"");
    }
    // Names have no character that JSON escapes.
    return exchange.end(
        Buffer.buffer(
            page.stream()
                .map(name -> '"' + name + '"')
                .collect(Collectors.joining(",", "{\"repositories\":[", "]}"))));
  }
}
