package dev.breakwater.access;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.registry.Identity;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Signs and checks the tokens of this registry. A token counts as long as its user is in the
 * htpasswd file with the password that it was given for. Thread-safe.
 */
public final class Tokens {
  /** What clients are told to ask tokens for, and who takes them. */
  public static final String SERVICE = "breakwater";

  /** For how long a token counts. */
  public static final Duration LIFETIME = Duration.ofMinutes(5);

  /** For how long a refresh token counts, by which a client gets tokens without a password. */
  public static final Duration REFRESH_LIFETIME = Duration.ofDays(90);

  /** How far clocks may differ. */
  static final Duration TOLERANCE = Duration.ofSeconds(60);

  /** How many scopes a token may have. */
  public static final int MOST_SCOPES = 20;

  /** How many tokens are remembered after they were checked. */
  static final int MOST_REMEMBERED = 1000;

  private static final String REFRESH = SERVICE + "-refresh";
  private static final String SCOPE = "scope";
  private static final String PASSWORD = "password";

  private final Supplier<Htpasswd> users;
  private final Function<String, Set<String>> groups;
  private final Clock clock;
  private final KeyedHash fingerprints;
  private final Algorithm algorithm;

  /** What was checked lately, since clients send the same token many times. */
  private final Cache<KeyedHash.Value, Verified> verified =
      Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterWrite(LIFETIME).build();

  private final JWTVerifier access;
  private final JWTVerifier refresh;

  /**
   * With a key.
   *
   * @param users the users of the moment
   * @param groups the groups that a user is in
   */
  public Tokens(
      byte[] key, Supplier<Htpasswd> users, Function<String, Set<String>> groups, Clock clock) {
    this.users = users;
    this.groups = groups;
    this.clock = clock;
    this.fingerprints = new KeyedHash(key);
    this.algorithm = Algorithm.HMAC256(key);
    this.access = verifier(SERVICE);
    this.refresh = verifier(REFRESH);
  }

  private JWTVerifier verifier(String audience) {
    return ((JWTVerifier.BaseVerification)
            JWT.require(algorithm)
                .withIssuer(SERVICE)
                .withAudience(audience)
                .withClaimPresence("exp")
                .withClaimPresence("nbf")
                .withClaimPresence("sub")
                .withClaimPresence(SCOPE)
                .withClaimPresence(PASSWORD)
                .acceptLeeway(TOLERANCE.toSeconds()))
        .build(clock);
  }

  /** A token for these scopes, whose repositories have their registry's name before them. */
  public String issue(Identity identity, List<Scope> scopes) {
    return sign(identity, SERVICE, LIFETIME, scopes);
  }

  /** A token by which a user gets others. */
  public String issueRefresh(Identity identity) {
    return sign(identity, REFRESH, REFRESH_LIFETIME, List.of());
  }

  /** The time by which tokens are issued. */
  public Instant now() {
    return clock.instant();
  }

  private String sign(Identity identity, String audience, Duration lifetime, List<Scope> scopes) {
    Instant now = clock.instant();
    return JWT.create()
        .withIssuer(SERVICE)
        .withAudience(audience)
        .withSubject(identity.user())
        .withIssuedAt(now)
        .withNotBefore(now)
        .withExpiresAt(now.plus(lifetime))
        .withJWTId(UUID.randomUUID().toString())
        .withClaim(SCOPE, Scope.text(scopes))
        .withClaim(PASSWORD, fingerprint(identity.user()).orElse(""))
        .sign(algorithm);
  }

  /**
   * A token whose signature was checked.
   *
   * @param caller who sent it and what it is for
   * @param from from when on it counts
   * @param until until when it counts
   * @param hash the user's hash when it was checked; empty for an anonymous one
   */
  private record Verified(
      Caller caller, Instant from, Instant until, Optional<PasswordHash> hash) {}

  /** Who sent a token and what it is for; empty if it does not count. */
  public Optional<Caller> verify(String token) {
    KeyedHash.Value key = fingerprints.of("token", token);
    Verified known = verified.getIfPresent(key);
    if (known != null && isGood(known)) {
      return Optional.of(known.caller);
    }
    Optional<Verified> checked = verify(access, token).flatMap(this::checked);
    checked.ifPresent(good -> verified.put(key, good));
    return checked.map(Verified::caller);
  }

  private Optional<Verified> checked(DecodedJWT jwt) {
    // Before the comparison of the password: what changes meanwhile is seen at the next request.
    Optional<PasswordHash> hash = users.get().hashOf(jwt.getSubject());
    Optional<List<Scope>> scopes = Optional.of(Scope.parse(jwt.getClaim(SCOPE).asString()));
    return identity(jwt)
        .map(
            identity ->
                new Verified(
                    new Caller(identity, scopes),
                    jwt.getNotBeforeAsInstant().minus(TOLERANCE),
                    jwt.getExpiresAtAsInstant().plus(TOLERANCE),
                    hash));
  }

  private boolean isGood(Verified known) {
    Instant now = clock.instant();
    return now.isBefore(known.until)
        && !now.isBefore(known.from)
        && known.hash.equals(users.get().hashOf(known.caller.identity().user()));
  }

  /** The user of a refresh token; empty if it does not count. */
  public Optional<Identity> verifyRefresh(String token) {
    return verify(refresh, token).flatMap(this::identity).filter(known -> !known.isAnonymous());
  }

  private static Optional<DecodedJWT> verify(JWTVerifier verifier, String token) {
    if (token.length() > ClientCredentials.LONGEST) {
      return Optional.empty();
    }
    try {
      return Optional.of(verifier.verify(token));
    } catch (JWTVerificationException e) {
      return Optional.empty();
    }
  }

  private Optional<Identity> identity(DecodedJWT jwt) {
    String user = jwt.getSubject();
    if (user.isEmpty()) {
      return Optional.of(Identity.ANONYMOUS);
    }
    return fingerprint(user)
        .filter(current -> current.equals(jwt.getClaim(PASSWORD).asString()))
        .map(same -> new Identity(user, groups.apply(user)));
  }

  /** Changes with the user's password; empty for an unknown user. */
  private Optional<String> fingerprint(String user) {
    return users
        .get()
        .hashOf(user)
        .map(hash -> fingerprints.of("password", user, hash.reveal()))
        .map(value -> Long.toHexString(value.first()));
  }
}
