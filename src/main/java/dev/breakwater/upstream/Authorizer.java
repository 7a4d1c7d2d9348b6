package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.UpstreamException.Prospect;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How requests to one endpoint are authorized: what its last challenge for a repository asked for
 * is remembered, so that later requests bring their token along. Thread-safe.
 */
final class Authorizer {
  /*
   * A refusal counts only when it meets a token that was made for this very request. One that meets
   * a token from the cache may mean that it has expired early, that its rights or its realm have
   * changed, or that a back end was restarted: the token is dropped, the registry is asked without
   * any, and its challenge is followed as if nothing were known. A fresh token that is refused gets
   * one more chance in the same way, since back ends with clocks of their own call new tokens
   * invalid for a moment, unless the registry says that the token grants too little.
   */
  private static final int MAX_REMEMBERED = 10_000;
  private static final long CLOCK_SKEW_MILLIS = 500;

  /**
   * The next request of an exchange.
   *
   * @param login what it is authorized by; nothing to see the challenge
   * @param chances how many more refusals of logins are not believed, and one
   */
  record Step(Optional<Login> login, int chances) {}

  private final Vertx vertx;
  private final ZoneName zone;
  private final Endpoint endpoint;
  private final RealmPolicy realms;
  private final TokenCache tokens;
  private final TokenServer server;
  private final QuotaGovernor governor;
  private final Cache<RepositoryName, TokenRequest> remembered =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();
  private volatile boolean basic;

  Authorizer(
      Vertx vertx,
      ZoneName zone,
      Endpoint endpoint,
      List<String> realms,
      TokenCache tokens,
      TokenServer server,
      QuotaGovernor governor) {
    this.vertx = vertx;
    this.zone = zone;
    this.endpoint = endpoint;
    this.realms = new RealmPolicy(endpoint.origin(), realms);
    this.tokens = tokens;
    this.server = server;
    this.governor = governor;
  }

  /** What to send at once; nothing before the first challenge. */
  Future<Optional<Login>> begin(Attempt attempt) {
    if (basic) {
      return Future.succeededFuture(basicLogin(attempt));
    }
    RepositoryName repository = attempt.call().repository();
    TokenRequest request = remembered.getIfPresent(repository);
    if (request == null) {
      return Future.succeededFuture(Optional.empty());
    }
    return token(attempt, request)
        .map(Optional::of)
        .recover(
            failure -> {
              // The challenge may be another one by now.
              remembered.invalidate(repository);
              return isFinal(failure)
                  ? Future.succeededFuture(Optional.empty())
                  : Future.failedFuture(failure);
            });
  }

  private static boolean isFinal(Throwable failure) {
    return failure instanceof UpstreamException stated && stated.prospect() == Prospect.FINAL;
  }

  /**
   * What to do after a 401, or a 403 to a cached token; empty if the refusal counts.
   *
   * @param headers the challenges
   */
  Future<Optional<Step>> next(Attempt attempt, List<String> headers, Step refused) {
    List<Challenge> challenges = Challenge.parse(headers);
    Optional<Challenge> bearer = first(challenges, "bearer");
    Optional<Login> login = refused.login();
    if (login.isPresent() && login.get().authorization().isBearer()) {
      return afterRefusedToken(attempt, login.get(), bearer, refused.chances() - 1);
    }
    if (bearer.isPresent()) {
      basic = false;
      return meetBearer(attempt, bearer.get())
          .map(met -> Optional.of(new Step(Optional.of(met), refused.chances())));
    }
    Optional<Login> answer =
        first(challenges, "basic").isPresent() ? basicLogin(attempt) : Optional.empty();
    basic = answer.isPresent();
    if (answer.isPresent() && login.equals(answer)) {
      governor.refused(attempt, "the registry refused its credentials");
      return Future.succeededFuture(Optional.empty());
    }
    return Future.succeededFuture(answer.map(met -> new Step(Optional.of(met), refused.chances())));
  }

  /** Whether the registry says that the token is good and grants too little (RFC 6750, 3.1). */
  static boolean isAboutScope(Answer answer) {
    return error(first(Challenge.parse(answer.headers("WWW-Authenticate")), "bearer"))
        .equals("insufficient_scope");
  }

  private static String error(Optional<Challenge> challenge) {
    return challenge.flatMap(stated -> stated.parameter("error")).orElse("");
  }

  private static Optional<Login> basicLogin(Attempt attempt) {
    return attempt
        .credentials()
        .flatMap(Credentials::basic)
        .map(authorization -> new Login(authorization, false));
  }

  private Future<Optional<Step>> afterRefusedToken(
      Attempt attempt, Login login, Optional<Challenge> challenge, int chances) {
    String error = error(challenge);
    TokenRequest request = remembered.getIfPresent(attempt.call().repository());
    if (request != null) {
      tokens.drop(key(attempt, request), login.authorization());
      remembered.invalidate(attempt.call().repository());
    }
    if (login.isFromCache() && chances > 0) {
      return Future.succeededFuture(Optional.of(new Step(Optional.empty(), chances)));
    }
    if (chances <= 0 || error.equals("insufficient_scope")) {
      return Future.succeededFuture(Optional.empty());
    }
    Optional<Step> bare = Optional.of(new Step(Optional.empty(), chances));
    Duration wait = Duration.ofMillis(CLOCK_SKEW_MILLIS);
    return error.equals("invalid_token") && attempt.deadline().leaves(wait)
        ? vertx.timer(wait.toMillis(), TimeUnit.MILLISECONDS).map(bare)
        : Future.succeededFuture(bare);
  }

  private Future<Login> meetBearer(Attempt attempt, Challenge challenge) {
    String realm = challenge.parameter("realm").orElse("");
    Optional<Target> permitted = realms.permit(realm);
    if (permitted.isEmpty()) {
      return Future.failedFuture(
          attempt.refusal(
              "it asks to fetch a token from "
                  + Quoted.of(hostOf(realm))
                  + ", which is neither its own host nor listed in upstreams."
                  + zone
                  + ".realms, so nothing was sent there"));
    }
    RepositoryName repository = attempt.call().repository();
    TokenRequest request = TokenRequest.of(challenge, permitted.get(), repository);
    remembered.put(repository, request);
    return token(attempt, request);
  }

  private Future<Login> token(Attempt attempt, TokenRequest request) {
    TokenCache.Key key = key(attempt, request);
    Optional<Token> present = tokens.present(key);
    if (present.isPresent()) {
      return Future.succeededFuture(new Login(present.get().authorization(), true));
    }
    return attempt
        .deadline()
        .limit(
            vertx,
            tokens
                .get(key, () -> server.fetch(attempt, request, governor))
                .recover(failure -> again(attempt, request, key, failure)),
            () ->
                attempt.failure(UpstreamOutcome.TIMEOUT, "its token server did not answer in time"))
        .map(token -> new Login(token.authorization(), false));
  }

  /** A call that joined a fetch which ran out of time, and has time left itself, makes another. */
  private Future<Token> again(
      Attempt attempt, TokenRequest request, TokenCache.Key key, Throwable failure) {
    boolean late =
        failure instanceof UpstreamException stated && stated.outcome() == UpstreamOutcome.TIMEOUT;
    return late && !attempt.deadline().isOver()
        ? tokens.get(key, () -> server.fetch(attempt, request, governor))
        : Future.failedFuture(failure);
  }

  private TokenCache.Key key(Attempt attempt, TokenRequest request) {
    return new TokenCache.Key(
        zone,
        endpoint.origin(),
        attempt.call().repository(),
        request.scopes(),
        attempt.credentials());
  }

  private static Optional<Challenge> first(List<Challenge> challenges, String scheme) {
    return challenges.stream().filter(challenge -> challenge.scheme().equals(scheme)).findFirst();
  }

  /** Scheme and authority without anything that may be secret. */
  private static String hostOf(String realm) {
    int scheme = realm.indexOf("://");
    int begin = scheme < 0 ? 0 : scheme + 3;
    int end = begin;
    while (end < realm.length() && "/?#".indexOf(realm.charAt(end)) < 0) {
      end++;
    }
    int at = realm.lastIndexOf('@', end - 1);
    return at >= begin ? realm.substring(at + 1, end) : realm.substring(0, end);
  }
}
