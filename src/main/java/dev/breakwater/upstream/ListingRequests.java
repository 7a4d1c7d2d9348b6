package dev.breakwater.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.Tag;
import io.vertx.core.Future;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * {@code GET /v2/<name>/tags/list} and {@code GET /v2/<name>/referrers/<digest>} (distribution-spec
 * end-8, end-12).
 */
final class ListingRequests {
  private static final int MAX_PAGE = 8 * 1024 * 1024;
  private static final int MAX_PAGES = 200;
  private static final int MAX_TAGS = 100_000;
  private static final String JSON = "application/json";

  private final Exchange exchange;
  private final BodyReader bodies;
  private final StatusFailures failures;

  ListingRequests(Exchange exchange, BodyReader bodies, StatusFailures failures) {
    this.exchange = exchange;
    this.bodies = bodies;
    this.failures = failures;
  }

  /** All pages; what is no tag is left out. */
  Future<List<Tag>> tags(Attempt attempt) {
    Target first =
        attempt.endpoint().target("/v2/" + attempt.call().repository() + "/tags/list?n=1000");
    return page(attempt, first, new TreeSet<>(), 1).map(List::copyOf);
  }

  private Future<SortedSet<Tag>> page(
      Attempt attempt, Target target, SortedSet<Tag> tags, int number) {
    return exchange
        .ask(attempt, Question.get(relative(attempt, target), JSON))
        .compose(
            answer -> {
              if (answer.status() != 200) {
                return failures.fail(answer);
              }
              Optional<Target> next = next(answer, number);
              return bodies
                  .read(answer, MAX_PAGE)
                  .compose(
                      body -> {
                        collect(attempt, body, tags);
                        return next.isPresent()
                            ? page(attempt, next.get(), tags, number + 1)
                            : Future.succeededFuture(tags);
                      });
            });
  }

  private static void collect(Attempt attempt, byte[] body, SortedSet<Tag> tags) {
    JsonNode list =
        Json.object(body)
            .map(root -> root.get("tags"))
            .filter(node -> node.isArray() || node.isNull())
            .orElseThrow(
                () -> attempt.failure(UpstreamOutcome.INVALID, "its answer is not a list of tags"));
    for (JsonNode entry : list) {
      if (entry.isTextual() && Tag.isValid(entry.textValue())) {
        tags.add(new Tag(entry.textValue()));
      }
    }
    if (tags.size() > MAX_TAGS) {
      throw attempt.refusal("it lists more than " + MAX_TAGS + " tags");
    }
  }

  /** The next page, on the registry itself: a listing is no reason to be sent elsewhere. */
  private static Optional<Target> next(Answer answer, int number) {
    Optional<String> link = NextPage.in(answer.headers("Link"));
    if (link.isEmpty()) {
      return Optional.empty();
    }
    if (number >= MAX_PAGES) {
      throw answer.refuse("the list has more than " + MAX_PAGES + " pages");
    }
    return Optional.of(
        answer
            .target()
            .resolve(link.get())
            .filter(target -> target.origin().equals(answer.attempt().endpoint().origin()))
            .orElseThrow(() -> answer.refuse("the next page of its list is not on the same host")));
  }

  /** Questions are relative to the endpoint's prefix; registries link with and without it. */
  private static String relative(Attempt attempt, Target target) {
    String prefix = attempt.endpoint().prefix();
    return target.requestUri().startsWith(prefix + "/v2/")
        ? target.requestUri().substring(prefix.length())
        : target.requestUri();
  }

  /** The listing, checked to be an image index. */
  Future<ReferrersAnswer> referrers(
      Attempt attempt, Digest subject, Optional<String> artifactType) {
    String query =
        artifactType
            .map(type -> "?artifactType=" + URLEncoder.encode(type, StandardCharsets.UTF_8))
            .orElse("");
    String path = "/v2/" + attempt.call().repository() + "/referrers/" + subject + query;
    return exchange
        .ask(attempt, Question.get(path, MediaType.OCI_INDEX.value()))
        .compose(this::referrers);
  }

  private Future<ReferrersAnswer> referrers(Answer answer) {
    if (answer.status() != 200) {
      return failures.fail(answer);
    }
    if (!answer.mediaType().equals(Optional.of(MediaType.OCI_INDEX))) {
      throw answer.refuse(UpstreamOutcome.INVALID, "its answer is not an image index");
    }
    boolean filtered =
        answer.headers("OCI-Filters-Applied").stream()
            .anyMatch(value -> value.contains("artifactType"));
    return bodies
        .read(answer, Manifest.MAX_SIZE)
        .map(body -> new ReferrersAnswer(checked(answer.attempt(), body), filtered));
  }

  private static byte[] checked(Attempt attempt, byte[] body) {
    try {
      ManifestDocument.parse(MediaType.OCI_INDEX, body);
      return body;
    } catch (RegistryException e) {
      throw attempt.failure(UpstreamOutcome.INVALID, String.valueOf(e.getMessage()), e);
    }
  }
}
