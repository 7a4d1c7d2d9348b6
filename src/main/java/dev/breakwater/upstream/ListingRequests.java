package dev.breakwater.upstream;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.ReferrersIndex;
import dev.breakwater.oci.Tag;
import dev.breakwater.upstream.UpstreamException.Prospect;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * {@code GET /v2/<name>/tags/list} and {@code GET /v2/<name>/referrers/<digest>} (distribution-spec
 * end-8, end-12).
 */
record ListingRequests(UpstreamExchange exchange, BodyReader bodies, StatusFailures failures) {
  private static final int MAX_PAGE = 8 * 1024 * 1024;
  private static final int MAX_PAGES = 200;
  private static final String JSON = "application/json";

  /** All pages; what is no tag is left out. */
  Future<List<Tag>> tags(Attempt attempt) {
    Target first =
        attempt.endpoint().target("/v2/" + attempt.call().repository() + "/tags/list?n=1000");
    return page(attempt, first, new TagCollector(), 1);
  }

  private Future<List<Tag>> page(Attempt attempt, Target target, TagCollector tags, int number) {
    return exchange
        .ask(attempt, Question.get(relative(attempt, target), JSON))
        .compose(
            answer -> {
              if (answer.status() != 200) {
                return failures.fail(answer);
              }
              Optional<Target> next = next(answer, number);
              return bodies
                  .read(
                      answer,
                      MAX_PAGE,
                      body -> {
                        tags.add(attempt, body);
                        return next.isPresent() ? List.<Tag>of() : tags.tags();
                      })
                  .compose(
                      all ->
                          next.isPresent()
                              ? page(attempt, next.get(), tags, number + 1)
                              : Future.succeededFuture(all));
            });
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

  /**
   * All pages in one. Fails with {@link UpstreamOutcome#NOT_FOUND} if the registry has no referrers
   * API, which old registries and the proxies in front of them say in many ways.
   */
  Future<ReferrersIndex> referrers(Attempt attempt, Digest subject) {
    Target first =
        attempt.endpoint().target("/v2/" + attempt.call().repository() + "/referrers/" + subject);
    return referrers(attempt, first, ReferrersIndex.EMPTY, Manifest.MAX_SIZE, 1);
  }

  /**
   * A page of referrers.
   *
   * @param size of its body, in bytes
   * @param all the listing up to here; empty if the page is no listing
   */
  private record Page(int size, Optional<ReferrersIndex> all) {}

  private Future<ReferrersIndex> referrers(
      Attempt attempt, Target target, ReferrersIndex former, int room, int number) {
    return exchange
        .ask(attempt, Question.get(relative(attempt, target), MediaType.OCI_INDEX.value()))
        .compose(
            answer -> {
              if (answer.status() != 200) {
                return number == 1 && isWithoutApi(answer.status())
                    ? withoutApi(answer, "answered " + answer.status())
                    : failures.fail(answer);
              }
              if (!answer.mediaType().equals(Optional.of(MediaType.OCI_INDEX))) {
                return foreign(answer, number);
              }
              Optional<Target> next = next(answer, number);
              return bodies
                  .read(
                      answer,
                      room,
                      body -> new Page(body.length, ReferrersIndex.parse(body).map(former::with)))
                  .compose(
                      page -> {
                        if (page.all().isEmpty()) {
                          return Future.failedFuture(notAnIndex(answer, number));
                        }
                        ReferrersIndex all = page.all().get();
                        return next.isPresent()
                            ? referrers(attempt, next.get(), all, room - page.size(), number + 1)
                            : Future.succeededFuture(all);
                      });
            });
  }

  private static boolean isWithoutApi(int status) {
    return switch (status) {
      case 400, 404, 405, 406, 410, 501 -> true;
      default -> false;
    };
  }

  private <T> Future<T> withoutApi(Answer answer, String reason) {
    return failures
        .read(answer)
        .compose(
            ignored ->
                Future.failedFuture(
                    answer
                        .attempt()
                        .stated(
                            UpstreamOutcome.NOT_FOUND,
                            answer.status(),
                            "it has no referrers API: it " + reason + answer.source(),
                            null,
                            Prospect.FINAL)));
  }

  private <T> Future<T> foreign(Answer answer, int number) {
    answer.abort();
    return Future.failedFuture(notAnIndex(answer, number));
  }

  /**
   * Once it has listed a page, it has the API, and this is a failure. A page of HTML may also be an
   * accident, so it must come again before it means that there is no such API.
   */
  private static UpstreamException notAnIndex(Answer answer, int number) {
    String reason = "its answer is not an image index" + answer.source();
    return number == 1
        ? answer
            .attempt()
            .stated(
                UpstreamOutcome.NOT_FOUND,
                answer.status(),
                "it has no referrers API: " + reason,
                null,
                answer.isPage() ? Prospect.PASSING : Prospect.FINAL)
        : answer.attempt().failure(UpstreamOutcome.INVALID, reason);
  }
}
