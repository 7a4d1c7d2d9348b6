package dev.breakwater.upstream;

import dev.breakwater.oci.ContentKind;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;

/**
 * Asks token servers for tokens (distribution, token specification): by GET with name and password,
 * or by the POST of OAuth 2 with an identity token. Redirects are refused.
 */
record TokenServer(
    RequestSender sender, BodyReader bodies, StatusFailures failures, OutcomeRecorder outcomes) {
  private static final int MAX_BODY = 64 * 1024;

  /** A fresh token, in the time that is left to what it is for. */
  Future<Token> fetch(Attempt cause, TokenRequest request, QuotaGovernor governor) {
    Target target = request.target();
    Call call =
        new Call(
            ContentKind.TOKEN,
            "fetching a token for " + cause.call().repository(),
            cause.call().repository(),
            false,
            cause.deadline().share(1));
    Attempt attempt =
        new Attempt(
            call,
            cause.endpoint(),
            cause.account(),
            cause.credentials(),
            target.origin().authority(),
            call.deadline(),
            cause.round(),
            Hop.TOKEN);
    Optional<String> identityToken =
        cause.credentials().filter(Credentials::isIdentityToken).map(Credentials::secret);
    Optional<Authorization> sent = cause.credentials().flatMap(Credentials::basic);
    Future<HttpClientResponse> asked =
        identityToken.isPresent()
            ? sender.post(attempt, request.realm(), form(), request.form(identityToken.get()))
            : sender.send(attempt, HttpMethod.GET, target, headers(sent));
    return asked
        .map(response -> new Answer(attempt, response, target, false, sent))
        .compose(this::read)
        .onSuccess(token -> outcomes.succeeded(call))
        .recover(failure -> Future.failedFuture(failed(attempt, failure, governor)));
  }

  private Future<Token> read(Answer answer) {
    outcomes.answered(answer.attempt().call());
    if (answer.status() != 200) {
      return failures.fail(answer);
    }
    return bodies
        .read(answer, MAX_BODY, Token::parse)
        .compose(
            token ->
                token
                    .map(Future::succeededFuture)
                    .orElseGet(
                        () ->
                            Future.failedFuture(
                                answer
                                    .attempt()
                                    .failure(
                                        UpstreamOutcome.INVALID,
                                        "the answer has no usable token in it"))));
  }

  /** A token server's 404 or 400 must not pass for the registry's "no such image". */
  private UpstreamException failed(Attempt attempt, Throwable cause, QuotaGovernor governor) {
    UpstreamException failure = TransportFailures.of(attempt, cause);
    boolean isFinal = failure.prospect() == UpstreamException.Prospect.FINAL;
    switch (failure.outcome()) {
      case UNAUTHORIZED, DENIED, REFUSED -> {
        if (isFinal) {
          governor.refused(attempt, message(failure));
        }
      }
      default -> {
        // It says nothing about the account.
      }
    }
    if (isFinal
        && (failure.outcome() == UpstreamOutcome.NOT_FOUND
            || failure.outcome() == UpstreamOutcome.REFUSED)) {
      failure =
          new UpstreamException(
              UpstreamOutcome.INVALID,
              message(failure),
              failure.status(),
              null,
              failure,
              UpstreamException.Prospect.FINAL,
              Hop.TOKEN);
    }
    outcomes.failed(attempt.call(), failure);
    return failure;
  }

  private static String message(UpstreamException failure) {
    return failure.getMessage() == null ? "no token" : failure.getMessage();
  }

  private static MultiMap form() {
    return headers(Optional.empty())
        .add(HttpHeaders.CONTENT_TYPE, "application/x-www-form-urlencoded");
  }

  private static MultiMap headers(Optional<Authorization> sent) {
    MultiMap headers =
        HttpHeaders.headers()
            .add(HttpHeaders.USER_AGENT, UpstreamExchange.USER_AGENT)
            .add(HttpHeaders.ACCEPT, "application/json")
            .add(HttpHeaders.ACCEPT_ENCODING, "identity");
    sent.ifPresent(authorization -> headers.add(HttpHeaders.AUTHORIZATION, authorization.header()));
    return headers;
  }
}
