package dev.breakwater.upstream;

import dev.breakwater.oci.ByteRange;
import dev.breakwater.oci.ContentRange;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Quoted;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** {@code GET|HEAD /v2/<name>/blobs/<digest>} (distribution-spec end-2). */
final class BlobRequests {
  private static final String ACCEPT = "*/*";

  private final Vertx vertx;
  private final UpstreamExchange exchange;
  private final BodyReader bodies;
  private final StatusFailures failures;
  private final OutcomeRecorder outcomes;
  private final TimeLimits limits;
  private final LongSupplier clock;

  BlobRequests(
      Vertx vertx,
      UpstreamExchange exchange,
      BodyReader bodies,
      StatusFailures failures,
      OutcomeRecorder outcomes,
      TimeLimits limits,
      LongSupplier clock) {
    this.vertx = vertx;
    this.exchange = exchange;
    this.bodies = bodies;
    this.failures = failures;
    this.outcomes = outcomes;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * The size by HEAD, and by GET of the first byte where HEAD is refused or says nothing that can
   * be true: some registries and content networks answer GET alone.
   */
  Future<OptionalLong> head(Attempt attempt, Digest digest) {
    return ask(attempt, Question.head(path(attempt, digest), ACCEPT))
        .compose(answer -> sizeOf(answer, digest))
        .recover(
            failure ->
                mayMeanTheMethod(failure)
                    ? Future.succeededFuture(OptionalLong.empty())
                    : Future.failedFuture(failure))
        .compose(
            size ->
                size.isPresent()
                    ? Future.succeededFuture(size)
                    : sizeByGet(attempt, digest, question(attempt, digest, 0, OptionalLong.of(0))));
  }

  /** Empty if the answer tells no size that a blob of this digest can have. */
  private Future<OptionalLong> sizeOf(Answer answer, Digest digest) {
    if (answer.status() != 200) {
      return failures.fail(answer);
    }
    check(answer, digest);
    bodies.discard(answer);
    OptionalLong size = answer.contentLength();
    boolean likely =
        size.isPresent()
            && digest.mayHaveSize(size.getAsLong())
            && (!answer.isPage() || answer.header("Docker-Content-Digest").isPresent());
    return Future.succeededFuture(likely ? size : OptionalLong.empty());
  }

  private static boolean mayMeanTheMethod(Throwable failure) {
    return failure instanceof UpstreamException stated
        && switch (stated.outcome()) {
          case UNAUTHORIZED, DENIED, REFUSED, INVALID -> true;
          case SERVER_ERROR -> stated.status() == 501;
          default -> false;
        };
  }

  /** Opens a download; the transfer reports its own outcome. */
  Future<BlobTransfer> open(Attempt attempt, Digest digest, long first, OptionalLong last) {
    return ask(attempt, question(attempt, digest, first, last))
        .compose(answer -> open(answer, digest, first, last));
  }

  /**
   * A registry that redirects has the blob, by its own word. The content network's 404 is then most
   * likely its own, of a copy that has not come or has gone: it is believed the second time, from
   * the address that another request to the registry gives.
   */
  private Future<Answer> ask(Attempt attempt, Question question) {
    return exchange
        .ask(attempt, question)
        .compose(
            answer -> {
              if (answer.status() != 404 || !answer.foreign()) {
                return Future.succeededFuture(answer);
              }
              bodies.discard(answer);
              return exchange.ask(attempt, question);
            });
  }

  /** By a GET whose body is not read beyond its first byte. */
  private Future<OptionalLong> sizeByGet(Attempt attempt, Digest digest, Question question) {
    return ask(attempt, question)
        .compose(
            answer ->
                switch (answer.status()) {
                  case 200 -> {
                    check(answer, digest);
                    answer.abort();
                    yield Future.succeededFuture(answer.contentLength());
                  }
                  case 206 -> {
                    check(answer, digest);
                    bodies.discard(answer);
                    yield Future.succeededFuture(
                        answer
                            .header("Content-Range")
                            .flatMap(ContentRange::parse)
                            .map(ContentRange::total)
                            .orElse(OptionalLong.empty()));
                  }
                  case 400, 403, 416 -> {
                    if (question.range().isEmpty()) {
                      yield failures.fail(answer);
                    }
                    // The Range may be what was refused.
                    bodies.discard(answer);
                    yield sizeByGet(attempt, digest, Question.get(path(attempt, digest), ACCEPT));
                  }
                  default -> failures.fail(answer);
                });
  }

  private Future<BlobTransfer> open(Answer answer, Digest digest, long first, OptionalLong last) {
    return switch (answer.status()) {
      case 200 -> {
        check(answer, digest);
        OptionalLong size = answer.contentLength();
        yield Future.succeededFuture(transfer(answer, 0, size, size));
      }
      case 206 -> {
        check(answer, digest);
        ContentRange range = range(answer, first, last);
        yield Future.succeededFuture(
            transfer(
                answer,
                range.range().first(),
                range.total(),
                OptionalLong.of(range.range().length())));
      }
      default -> failures.fail(answer);
    };
  }

  private BlobTransfer transfer(
      Answer answer, long offset, OptionalLong total, OptionalLong length) {
    return new HttpBlobTransfer(
        vertx, answer, offset, total, length, new Pace(limits, clock), outcomes);
  }

  /**
   * A 206 must be exactly what was asked for. A range that starts elsewhere would be written to the
   * wrong place, and one that ends early is not ours to guess about. It is not repeated here:
   * whether this upstream is asked for ranges again is for the download to decide.
   */
  private static ContentRange range(Answer answer, long first, OptionalLong last) {
    String text = answer.header("Content-Range").orElse("");
    ContentRange stated =
        ContentRange.parse(text)
            .orElseThrow(
                () -> answer.refuse("its Content-Range " + Quoted.of(text) + " is malformed"));
    ByteRange range = stated.range();
    long end = stated.total().orElse(Long.MAX_VALUE) - 1;
    boolean whole =
        last.isPresent()
            ? range.last() == Math.min(last.getAsLong(), end)
                || (stated.total().isEmpty() && range.last() < last.getAsLong())
            : stated.total().isEmpty() || range.last() == end;
    boolean asked = first > 0 || last.isPresent();
    if (!asked || !whole || range.first() != first) {
      throw answer.refuse(
          "its Content-Range " + Quoted.of(text) + " is not the range that was asked for");
    }
    OptionalLong length = answer.contentLength();
    if (length.isPresent() && length.getAsLong() != range.length()) {
      throw answer.refuse(
          "its Content-Length " + length.getAsLong() + " contradicts its Content-Range");
    }
    return stated;
  }

  /**
   * What the head of an answer can already give away. The type says nothing: blobs are stored under
   * any type, and a page that is not the blob does not have its digest.
   */
  private static void check(Answer answer, Digest digest) {
    if (answer.isEncoded()) {
      throw answer.refuse(
          UpstreamOutcome.INVALID, "it sent an encoded body although only 'identity' was accepted");
    }
    Optional<Digest> announced = answer.header("Docker-Content-Digest").flatMap(Digest::tryParse);
    if (announced.isPresent()
        && announced.get().algorithm() == digest.algorithm()
        && !announced.get().equals(digest)) {
      throw answer.refuse(
          UpstreamOutcome.DIGEST_MISMATCH, "it announced the digest " + announced.get());
    }
  }

  private static Question question(Attempt attempt, Digest digest, long first, OptionalLong last) {
    Optional<String> range =
        first == 0 && last.isEmpty()
            ? Optional.empty()
            : Optional.of("bytes=" + first + '-' + (last.isPresent() ? last.getAsLong() : ""));
    return new Question(HttpMethod.GET, path(attempt, digest), ACCEPT, range, Optional.empty());
  }

  private static String path(Attempt attempt, Digest digest) {
    return "/v2/" + attempt.call().repository() + "/blobs/" + digest;
  }
}
