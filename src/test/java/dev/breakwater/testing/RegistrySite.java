package dev.breakwater.testing;

import dev.breakwater.oci.ByteRange;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The pulling half of the distribution API, healthy. */
final class RegistrySite implements Site {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");

  /**
   * How this registry differs from others.
   *
   * @param ranges whether ranges of blobs are served
   * @param referrers whether there is a referrers API
   * @param referrersPage how many referrers a page has at most
   * @param tagPage how many tags a page has at most
   */
  record Traits(boolean ranges, boolean referrers, int referrersPage, int tagPage) {}

  private final Repositories repositories;
  private final Admission admission;
  private final @Nullable PullLimit pullLimit;
  private final @Nullable Cdn cdn;
  private final @Nullable TokenServer ownTokens;
  private final Traits traits;

  /**
   * A registry.
   *
   * @param cdn where GETs of blobs are redirected to, or null
   * @param ownTokens the token server if it is to be found here too, or null
   */
  RegistrySite(
      Repositories repositories,
      Admission admission,
      @Nullable PullLimit pullLimit,
      @Nullable Cdn cdn,
      @Nullable TokenServer ownTokens,
      Traits traits) {
    this.repositories = repositories;
    this.admission = admission;
    this.pullLimit = pullLimit;
    this.cdn = cdn;
    this.ownTokens = ownTokens;
    this.traits = traits;
  }

  @Override
  public Answer answer(IncomingRequest request, Target target) {
    if (target.kind() == ContentKind.TOKEN && ownTokens != null) {
      return ownTokens.answer(request, target);
    }
    if (!request.path().startsWith("/v2/")) {
      return Answer.of(404, "text/plain", "404 page not found\n");
    }
    Admission.Decision decision = admission.decide(request, target.repository());
    return decision
        .refusal()
        .orElseGet(() -> admitted(request, target, decision.identity()))
        .header("Docker-Distribution-Api-Version", "registry/2.0");
  }

  private Answer admitted(IncomingRequest request, Target target, String identity) {
    if (!request.method().equals("GET") && !request.isHead()) {
      return Answer.error(405, "UNSUPPORTED", "this registry is read-only");
    }
    if (request.path().equals("/v2/")) {
      return Answer.of(200, "application/json", "{}");
    }
    if (!target.repository().isEmpty() && !repositories.has(target.repository())) {
      return Answer.error(404, "NAME_UNKNOWN", "repository name not known to registry");
    }
    return switch (target.kind()) {
      case MANIFEST -> manifest(request, target, identity);
      case BLOB -> blob(request, target);
      case TAGS -> tags(request, target.repository());
      case REFERRERS -> referrers(request, target);
      case TOKEN, OTHER -> Answer.of(404, "text/plain", "404 page not found\n");
    };
  }

  private Answer manifest(IncomingRequest request, Target target, String identity) {
    if (pullLimit == null) {
      return manifest(request, target);
    }
    return pullLimit
        .refusal(identity, !request.isHead())
        .orElseGet(() -> pullLimit.tell(manifest(request, target), identity));
  }

  private Answer manifest(IncomingRequest request, Target target) {
    Optional<TestImage> image = repositories.manifest(target.repository(), target.reference());
    if (image.isEmpty()) {
      return Answer.error(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }
    Answer answer = Answer.stored(image.get().manifest(), image.get().mediaType().value());
    String tag = answer.headers().first("ETag").orElseThrow();
    boolean unchanged = request.headers().first("If-None-Match").filter(tag::equals).isPresent();
    return unchanged ? answer.status(304).body(Content.of("")) : answer;
  }

  private Answer blob(IncomingRequest request, Target target) {
    Optional<Content> blob = repositories.blob(target.repository(), target.reference());
    if (blob.isEmpty()) {
      return Answer.error(404, "BLOB_UNKNOWN", "blob unknown to registry");
    }
    if (cdn != null && !request.isHead()) {
      return Answer.of(307, "text/html; charset=utf-8", "")
          .header("Location", cdn.urlOf(blob.get().digest()));
    }
    return bytes(request, blob.get(), traits.ranges);
  }

  /** A blob or the part of it that was asked for. */
  static Answer bytes(IncomingRequest request, Content blob, boolean ranges) {
    Answer whole = Answer.stored(blob, MediaType.OCTET_STREAM.value());
    if (!ranges) {
      return whole;
    }
    whole.header("Accept-Ranges", "bytes");
    Optional<Matcher> range =
        request.headers().first("Range").map(RANGE::matcher).filter(Matcher::matches);
    if (range.isEmpty() || range.get().group().equals("bytes=-")) {
      return whole;
    }
    long size = blob.size();
    String from = range.get().group(1);
    String to = range.get().group(2);
    long first = from.isEmpty() ? Math.max(0, size - Long.parseLong(to)) : Long.parseLong(from);
    long last = from.isEmpty() || to.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(to));
    if (first > last) {
      return whole
          .refuse(416, JsonText.error("SIZE_INVALID", "range not satisfiable"))
          .header("Content-Range", "bytes */" + size);
    }
    return whole.part(new ByteRange(first, last));
  }

  private Answer tags(IncomingRequest request, String repository) {
    String after = request.queryParameters().getOrDefault("last", List.of("")).getFirst();
    int page = Math.min(traits.tagPage, requested(request).orElse(traits.tagPage));
    List<String> left =
        repositories.tags(repository).stream().filter(tag -> tag.compareTo(after) > 0).toList();
    List<String> shown = left.subList(0, Math.min(page, left.size()));
    Answer answer =
        Answer.of(
            200,
            "application/json",
            "{\"name\":"
                + JsonText.quote(repository)
                + ",\"tags\":["
                + String.join(",", shown.stream().map(JsonText::quote).toList())
                + "]}");
    if (shown.size() < left.size() && !shown.isEmpty()) {
      answer.header(
          "Link",
          "</v2/%s/tags/list?last=%s&n=%d>; rel=\"next\""
              .formatted(repository, shown.getLast(), page));
    }
    return answer;
  }

  private static OptionalInt requested(IncomingRequest request) {
    return request.queryParameters().getOrDefault("n", List.of()).stream()
        .filter(n -> n.matches("[0-9]{1,9}"))
        .mapToInt(Integer::parseInt)
        .findFirst();
  }

  private Answer referrers(IncomingRequest request, Target target) {
    if (!traits.referrers) {
      return Answer.of(404, "text/plain", "404 page not found\n");
    }
    List<TestImage> found = repositories.referrers(target.repository(), target.reference());
    List<String> types = request.queryParameters().getOrDefault("artifactType", List.of());
    if (!types.isEmpty()) {
      found = found.stream().filter(image -> types.contains(image.artifactType())).toList();
    }
    int from =
        request.queryParameters().getOrDefault("after", List.of("0")).stream()
            .mapToInt(Integer::parseInt)
            .sum();
    int to = from + Math.min(found.size() - from, traits.referrersPage);
    Answer answer =
        Answer.of(
            200,
            MediaType.OCI_INDEX.value(),
            TestImage.indexOf(MediaType.OCI_INDEX, found.subList(from, to)));
    if (to < found.size()) {
      answer.header(
          "Link",
          "</v2/%s/referrers/%s?after=%d>; rel=\"next\""
              .formatted(target.repository(), target.reference(), to));
    }
    return types.isEmpty() ? answer : answer.header("OCI-Filters-Applied", "artifactType");
  }
}
