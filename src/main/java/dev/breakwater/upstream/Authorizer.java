package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;

/**
 * How requests to one endpoint are authorized: what its last challenge for a repository asked for
 * is remembered, so that later requests bring their token along. Thread-safe.
 */
final class Authorizer {
  private static final int MAX_REMEMBERED = 10_000;

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
  Future<Optional<Authorization>> begin(Attempt attempt) {
    if (basic) {
      return Future.succeededFuture(attempt.account().credentials().map(Authorization::basic));
    }
    RepositoryName repository = attempt.call().repository();
    TokenRequest request = remembered.getIfPresent(repository);
    if (request == null) {
      return Future.succeededFuture(Optional.empty());
    }
    return token(attempt, request)
        .onFailure(failure -> remembered.invalidate(repository))
        .map(Optional::of);
  }

  /**
   * What to send after a 401, empty if its challenges cannot be met. A token that was refused is
   * dropped and replaced by a fresh one.
   */
  Future<Optional<Authorization>> meet(
      Attempt attempt, List<String> headers, Optional<Authorization> refused) {
    List<Challenge> challenges = Challenge.parse(headers);
    Optional<Challenge> bearer = first(challenges, "bearer");
    if (bearer.isPresent()) {
      basic = false;
      return meetBearer(attempt, bearer.get(), refused).map(Optional::of);
    }
    Optional<Authorization> login =
        first(challenges, "basic")
            .flatMap(challenge -> attempt.account().credentials())
            .map(Authorization::basic);
    basic = login.isPresent();
    if (login.isPresent() && refused.equals(login)) {
      governor.refused(attempt.account(), "the registry refused its credentials");
      return Future.succeededFuture(Optional.empty());
    }
    return Future.succeededFuture(login);
  }

  private Future<Authorization> meetBearer(
      Attempt attempt, Challenge challenge, Optional<Authorization> refused) {
    String realm = challenge.parameter("realm").orElse("");
    Optional<Target> permitted = realms.permit(realm);
    if (permitted.isEmpty()) {
      return Future.failedFuture(
          attempt.failure(
              UpstreamOutcome.INVALID,
              "it asks to fetch a token from "
                  + Quoted.of(hostOf(realm))
                  + ", which is neither its own host nor listed in upstreams."
                  + zone
                  + ".realms, so nothing was sent there"));
    }
    RepositoryName repository = attempt.call().repository();
    TokenRequest request = TokenRequest.of(challenge, permitted.get(), repository);
    remembered.put(repository, request);
    refused.ifPresent(authorization -> tokens.drop(key(attempt, request), authorization));
    return token(attempt, request);
  }

  private Future<Authorization> token(Attempt attempt, TokenRequest request) {
    TokenCache.Key key = key(attempt, request);
    Optional<Token> present = tokens.present(key);
    if (present.isPresent()) {
      return Future.succeededFuture(present.get().authorization());
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
        .map(Token::authorization);
  }

  /** Whoever joined a fetch whose own time was over, but has time left, makes another. */
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
        attempt.account().credentials().map(Credentials::username).orElse(""));
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
