package dev.breakwater.testing;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Who may read what: the registry's side of authentication. Safe for all threads. */
final class Admission {
  /** Who one is without an account. */
  static final String ANONYMOUS = "anonymous";

  /** How clients have to show who they are. */
  enum Mode {
    /** Not at all. */
    NONE,
    /** By name and password with every request. */
    BASIC,
    /** By a token of the token server. */
    BEARER
  }

  /**
   * What was decided.
   *
   * @param identity who asks
   * @param refusal the challenge; empty if they may
   */
  record Decision(String identity, Optional<Answer> refusal) {}

  private final Mode mode;
  private final Map<String, String> accounts;
  private final TokenServer tokens;
  private final String realm;
  private final boolean hidesPrivate;

  /**
   * A registry's admission.
   *
   * @param hidesPrivate whether those who may not read a repository are told that there is none
   */
  Admission(
      Mode mode,
      Map<String, String> accounts,
      TokenServer tokens,
      String realm,
      boolean hidesPrivate) {
    this.mode = mode;
    this.accounts = accounts;
    this.tokens = tokens;
    this.realm = realm;
    this.hidesPrivate = hidesPrivate;
  }

  Decision decide(IncomingRequest request, String repository) {
    String credentials = request.headers().first("Authorization").orElse("");
    return switch (mode) {
      case NONE -> new Decision(ANONYMOUS, Optional.empty());
      case BASIC ->
          basic(credentials, accounts)
              .map(user -> new Decision(user, Optional.empty()))
              .orElseGet(() -> refuse("Basic realm=\"" + FaultyRegistry.SERVICE + "\""));
      case BEARER -> bearer(credentials, repository);
    };
  }

  private Decision bearer(String credentials, String repository) {
    String scope = repository.isEmpty() ? "" : "repository:" + repository + ":pull";
    String challenge =
        "Bearer realm=\""
            + realm
            + "\",service=\""
            + FaultyRegistry.SERVICE
            + "\""
            + (scope.isEmpty() ? "" : ",scope=\"" + scope + "\"");
    if (!credentials.startsWith("Bearer ")) {
      return refuse(challenge);
    }
    Optional<TokenServer.Grant> grant = tokens.grant(credentials.substring("Bearer ".length()));
    if (grant.isEmpty()) {
      return refuse(challenge + ",error=\"invalid_token\"");
    }
    if (!scope.isEmpty() && !grant.get().scopes().contains(scope)) {
      if (hidesPrivate) {
        Answer hidden = Answer.error(404, "NAME_UNKNOWN", "repository name not known to registry");
        return new Decision(grant.get().identity(), Optional.of(hidden));
      }
      return refuse(challenge + ",error=\"insufficient_scope\"");
    }
    return new Decision(grant.get().identity(), Optional.empty());
  }

  private static Decision refuse(String challenge) {
    Answer answer =
        Answer.error(401, "UNAUTHORIZED", "authentication required")
            .header("WWW-Authenticate", challenge);
    return new Decision(ANONYMOUS, Optional.of(answer));
  }

  /** The account that a Basic {@code Authorization} proves to be. */
  static Optional<String> basic(String authorization, Map<String, String> accounts) {
    return decodeBasic(authorization)
        .filter(pair -> pair.indexOf(':') > 0)
        .filter(pair -> pair.substring(pair.indexOf(':') + 1).equals(accounts.get(user(pair))))
        .map(Admission::user);
  }

  private static String user(String pair) {
    return pair.substring(0, pair.indexOf(':'));
  }

  /** {@code user:password} out of a Basic {@code Authorization}. */
  static Optional<String> decodeBasic(String authorization) {
    if (!authorization.startsWith("Basic ")) {
      return Optional.empty();
    }
    try {
      byte[] pair = Base64.getDecoder().decode(authorization.substring("Basic ".length()));
      return Optional.of(new String(pair, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
