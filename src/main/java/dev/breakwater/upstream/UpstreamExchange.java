package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Map;
import java.util.Optional;

/**
 * One question to one endpoint, with its challenge met and its redirects followed.
 *
 * <p>{@code Authorization} goes to the endpoint's own origin and is gone for good after the first
 * hop to another one, also if a later hop leads back; S3-like stores would refuse it, and others
 * would have it. Every hop gets exactly the headers written here, nothing is copied.
 */
final class UpstreamExchange {
  static final String USER_AGENT = "breakwater";

  private final RequestSender sender;
  private final BodyReader bodies;
  private final StatusFailures failures;
  private final OutcomeRecorder outcomes;
  private final Map<Endpoint, Authorizer> authorizers;
  private final Map<Endpoint, QuotaGovernor> governors;

  UpstreamExchange(
      RequestSender sender,
      BodyReader bodies,
      StatusFailures failures,
      OutcomeRecorder outcomes,
      Map<Endpoint, Authorizer> authorizers,
      Map<Endpoint, QuotaGovernor> governors) {
    this.sender = sender;
    this.bodies = bodies;
    this.failures = failures;
    this.outcomes = outcomes;
    this.authorizers = Map.copyOf(authorizers);
    this.governors = Map.copyOf(governors);
  }

  /**
   * The final answer, of any status but a redirect or the endpoint's 401. A 403 to a token that was
   * here before is not believed either: it may have been made for other rights.
   */
  Future<Answer> ask(Attempt attempt, Question question) {
    Authorizer authorizer = authorizers.get(attempt.endpoint());
    if (authorizer == null) {
      throw new IllegalStateException("an endpoint of another registry");
    }
    return authorizer
        .begin(attempt)
        .compose(
            login -> ask(attempt, question, authorizer, new Authorizer.Step(login, chances(login))))
        .onSuccess(this::note);
  }

  /** A token that was here before does not use up the two chances of fresh ones. */
  private static int chances(Optional<Login> login) {
    return login.filter(Login::isFromCache).isPresent() ? 3 : 2;
  }

  private Future<Answer> ask(
      Attempt attempt, Question question, Authorizer authorizer, Authorizer.Step step) {
    return follow(attempt, question, step.login().map(Login::authorization))
        .compose(
            answer -> {
              if (!isRefusal(answer, step.login())) {
                return Future.succeededFuture(answer);
              }
              // The answer is read to its end first: it must not keep a connection that the token
              // server, if it is on the same host, may be waiting for.
              return failures
                  .read(answer)
                  .compose(
                      refusal ->
                          authorizer
                              .next(attempt, answer.headers("WWW-Authenticate"), step)
                              .compose(
                                  next ->
                                      next.isPresent()
                                          ? ask(attempt, question, authorizer, next.get())
                                          : Future.failedFuture(
                                              Authorizer.isAboutScope(answer)
                                                  ? refusal.at(Hop.TOKEN)
                                                  : refusal)));
            });
  }

  private static boolean isRefusal(Answer answer, Optional<Login> login) {
    return !answer.foreign()
        && (answer.status() == 401
            || (answer.status() == 403 && login.filter(Login::isFromCache).isPresent()));
  }

  /** What a 401 says of limits is about anonymous requests, and what a CDN says not about ours. */
  private void note(Answer answer) {
    outcomes.answered(answer.attempt().call());
    QuotaGovernor governor = governors.get(answer.attempt().endpoint());
    if (governor == null) {
      return;
    }
    if (!answer.foreign()) {
      governor.read(answer, failures.retryAfter(answer));
    }
    if (answer.status() < 500 && answer.status() != 429) {
      governor.answered(answer.attempt().call(), answer.attempt().account());
    }
  }

  private Future<Answer> follow(
      Attempt attempt, Question question, Optional<Authorization> authorization) {
    return hop(
        attempt, question, attempt.endpoint().target(question.path()), authorization, false, 0);
  }

  private Future<Answer> hop(
      Attempt attempt,
      Question question,
      Target target,
      Optional<Authorization> authorization,
      boolean abroad,
      int hops) {
    boolean foreign = abroad || !target.origin().equals(attempt.endpoint().origin());
    Optional<Authorization> sent = foreign ? Optional.empty() : authorization;
    Attempt here = attempt.at(foreign ? Hop.CONTENT : Hop.REGISTRY);
    return sender
        .send(here, question.method(), target, headers(question, sent))
        .map(response -> new Answer(here, response, target, foreign, sent))
        .compose(
            answer -> {
              if (!RedirectPolicy.isRedirect(answer.status())) {
                return Future.succeededFuture(answer);
              }
              bodies.discard(answer);
              Target next = RedirectPolicy.next(attempt, target, answer.header("Location"), hops);
              return hop(attempt, question, next, authorization, foreign, hops + 1);
            });
  }

  private static MultiMap headers(Question question, Optional<Authorization> authorization) {
    MultiMap headers =
        HttpHeaders.headers()
            .add(HttpHeaders.USER_AGENT, USER_AGENT)
            .add(HttpHeaders.ACCEPT, question.accept())
            .add(HttpHeaders.ACCEPT_ENCODING, "identity");
    question.range().ifPresent(range -> headers.add("Range", range));
    question
        .known()
        .ifPresent(known -> headers.add(HttpHeaders.IF_NONE_MATCH, "\"" + known + "\""));
    authorization.ifPresent(value -> headers.add(HttpHeaders.AUTHORIZATION, value.header()));
    return headers;
  }
}
