package dev.breakwater.upstream;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** {@code GET|HEAD /v2/<name>/manifests/<reference>} (distribution-spec end-3). */
record ManifestRequests(UpstreamExchange exchange, BodyReader bodies, StatusFailures failures) {
  private static final String ACCEPT =
      MediaType.MANIFESTS.stream().map(MediaType::value).collect(Collectors.joining(", "));

  private static final int NOT_MODIFIED = 304;

  /**
   * Asks by HEAD, and by GET if the answer to that says too little.
   *
   * @param held what it led to before; empty is the result if it still does (RFC 9110, 13.1.2)
   */
  Future<Optional<ManifestHead>> head(Attempt attempt, Reference reference, Optional<Digest> held) {
    Future<Optional<ManifestHead>> asked =
        exchange
            .ask(attempt, Question.head(path(attempt, reference), ACCEPT).unless(held))
            .compose(
                answer -> {
                  if (held.isPresent() && answer.status() == NOT_MODIFIED) {
                    bodies.discard(answer);
                    return Future.succeededFuture(Optional.empty());
                  }
                  return head(answer, reference).map(Optional::of);
                });
    return asked.recover(
        failure ->
            isAboutTheMethod(failure)
                ? byGet(attempt, reference).map(Optional::of)
                : Future.failedFuture(failure));
  }

  /**
   * Some registries refuse HEAD (public.ecr.aws with 401, others with 400, 403, 405 or 501) for
   * what they answer to GET: only what they say to GET is a refusal.
   */
  private static boolean isAboutTheMethod(Throwable failure) {
    return failure instanceof UpstreamException stated
        && stated.hop() != Hop.TOKEN
        && switch (stated.status()) {
          case 400, 401, 403, 405, 406, 501 -> true;
          default -> false;
        };
  }

  private Future<ManifestHead> byGet(Attempt attempt, Reference reference) {
    return get(attempt, reference)
        .map(
            got ->
                new ManifestHead(got.digest(), got.manifest().mediaType(), got.manifest().size()));
  }

  /** Fetches and checks. */
  Future<PulledManifest> get(Attempt attempt, Reference reference) {
    return exchange
        .ask(attempt, Question.get(path(attempt, reference), ACCEPT))
        .compose(answer -> get(answer, reference));
  }

  private Future<ManifestHead> head(Answer answer, Reference reference) {
    if (answer.status() != 200) {
      return failures.fail(answer);
    }
    Optional<MediaType> type = answer.mediaType();
    Optional<Digest> announced = announced(answer);
    OptionalLong size = answer.contentLength();
    // No manifest is empty: a length of 0 is that of the HEAD's own body, from servers that compute
    // it.
    if (type.isEmpty() || announced.isEmpty() || size.orElse(0) == 0) {
      bodies.discard(answer);
      return byGet(answer.attempt(), reference);
    }
    if (answer.isPage()) {
      throw answer.refuse(UpstreamOutcome.INVALID, "it answered with a page of HTML");
    }
    if (size.getAsLong() > Manifest.MAX_SIZE) {
      throw answer.refuse("the manifest is larger than " + Manifest.MAX_SIZE + " bytes");
    }
    if (reference instanceof Digest asked
        && asked.algorithm() == announced.get().algorithm()
        && !asked.equals(announced.get())) {
      throw answer.refuse(
          UpstreamOutcome.DIGEST_MISMATCH, "it announced the digest " + announced.get());
    }
    bodies.discard(answer);
    return Future.succeededFuture(
        new ManifestHead(
            reference instanceof Digest asked ? asked : announced.get(),
            type.get(),
            size.getAsLong()));
  }

  private Future<PulledManifest> get(Answer answer, Reference reference) {
    if (answer.status() != 200) {
      return failures.fail(answer);
    }
    if (answer.isPage()) {
      throw answer.refuse(UpstreamOutcome.INVALID, "it answered with a page of HTML");
    }
    MediaType type =
        answer
            .mediaType()
            .orElseThrow(
                () -> answer.refuse(UpstreamOutcome.INVALID, "its answer has no Content-Type"));
    Optional<Digest> announced = announced(answer);
    return bodies.read(
        answer,
        Manifest.MAX_SIZE,
        bytes -> verified(answer.attempt(), reference, type, announced, bytes));
  }

  /** computed = announced = asked, and the document is what its type says. */
  private static PulledManifest verified(
      Attempt attempt,
      Reference reference,
      MediaType type,
      Optional<Digest> announced,
      byte[] bytes) {
    DigestAlgorithm algorithm =
        reference instanceof Digest asked ? asked.algorithm() : DigestAlgorithm.SHA256;
    Digest computed = Digest.of(algorithm, bytes);
    if (reference instanceof Digest asked && !asked.equals(computed)) {
      throw attempt.failure(
          UpstreamOutcome.DIGEST_MISMATCH, "what it sent has the digest " + computed);
    }
    if (announced.isPresent()
        && !announced.get().equals(Digest.of(announced.get().algorithm(), bytes))) {
      throw attempt.failure(
          UpstreamOutcome.DIGEST_MISMATCH,
          "it announced the digest "
              + announced.get()
              + ", and what it sent has the digest "
              + computed);
    }
    try {
      return new PulledManifest(
          new Manifest(computed, type, bytes), ManifestDocument.parse(type, bytes));
    } catch (RegistryException e) {
      String reason = String.valueOf(e.getMessage());
      // Bytes that have their digest are what the registry holds; others may be an accident.
      throw reference instanceof Digest || announced.isPresent()
          ? attempt.finalFailure(UpstreamOutcome.INVALID, reason, e)
          : attempt.failure(UpstreamOutcome.INVALID, reason, e);
    }
  }

  private static Optional<Digest> announced(Answer answer) {
    return answer
        .header("Docker-Content-Digest")
        .map(
            text ->
                Digest.tryParse(text.strip())
                    .orElseThrow(
                        () ->
                            answer.refuse(
                                UpstreamOutcome.INVALID,
                                "its Docker-Content-Digest " + Quoted.of(text) + " is malformed")));
  }

  private static String path(Attempt attempt, Reference reference) {
    return "/v2/" + attempt.call().repository() + "/manifests/" + reference;
  }
}
