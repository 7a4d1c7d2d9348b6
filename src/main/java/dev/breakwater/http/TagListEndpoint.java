package dev.breakwater.http;

import dev.breakwater.oci.DistributionRequest.TagListResource;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** {@code GET|HEAD /v2/<name>/tags/list} (end-8). */
final class TagListEndpoint implements Endpoint<Target<TagListResource>> {
  /**
   * Which part of the list is wanted.
   *
   * @param size how many tags at most, or -1 for all
   * @param last the tag after which to begin
   */
  private record Page(int size, Optional<Tag> last) {
    static Page of(Query query) {
      return new Page(
          PageSize.of(query).orElse(-1),
          query.single("last").filter(text -> !text.isEmpty()).map(Page::tag));
    }

    private static Tag tag(String text) {
      if (!Tag.isValid(text)) {
        throw PageSize.invalid("last", text, "a tag");
      }
      return new Tag(text);
    }

    List<Tag> of(List<Tag> all) {
      int from = last.map(tag -> firstAfter(all, tag)).orElse(0);
      int to = size < 0 ? all.size() : Math.min(all.size(), from + size);
      return all.subList(from, to);
    }

    private static int firstAfter(List<Tag> all, Tag tag) {
      int index = Collections.binarySearch(all, tag);
      return index < 0 ? -index - 1 : index + 1;
    }
  }

  @Override
  public Future<Void> answer(Exchange exchange, Target<TagListResource> target) {
    Page page = Page.of(target.query());
    return target.repository().tags().list().compose(tags -> send(exchange, target, page, tags));
  }

  private static Future<Void> send(
      Exchange exchange, Target<TagListResource> target, Page page, Served<List<Tag>> served) {
    List<Tag> all = served.value();
    List<Tag> tags = page.of(all);
    HttpServerResponse response =
        exchange.begin(200, served.provenance()).putHeader(Fields.CONTENT_TYPE, Fields.JSON);
    if (!tags.isEmpty() && !tags.getLast().equals(all.getLast())) {
      response.putHeader(Fields.LINK, next(exchange, target.query(), page, tags.getLast()));
    }
    return exchange.end(body(target.resource().name(), tags));
  }

  /**
   * Repeats the name as the client wrote it. Names and tags have no character that JSON escapes.
   */
  private static Buffer body(RepositoryName asked, List<Tag> tags) {
    Buffer body = Buffer.buffer("{\"name\":\"").appendString(asked.value());
    body.appendString("\",\"tags\":[");
    String separator = "\"";
    for (Tag tag : tags) {
      body.appendString(separator).appendString(tag.value()).appendString("\"");
      separator = ",\"";
    }
    return body.appendString("]}");
  }

  /** The page after this one, as the client reached this one; {@code ns} is validated already. */
  private static String next(Exchange exchange, Query query, Page page, Tag last) {
    return "<"
        + exchange.path()
        + "?n="
        + page.size()
        + "&last="
        + last
        + query.single("ns").map(ns -> "&ns=" + ns).orElse("")
        + ">; rel=\"next\"";
  }
}
