package dev.breakwater.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The token server: GET with Basic credentials or none, and the OAuth2 POST with a password or an
 * identity token where it is switched on. It grants what the caller may have of what was asked and
 * answers 200 even if that is nothing, like Docker Hub's. Safe for all threads.
 */
final class TokenServer implements Site {
  /** Where tokens are to be had. */
  static final String PATH = "/token";

  /** The name of the account whose password is an identity token. */
  static final String IDENTITY_TOKEN = "<token>";

  /** How the answer spells a token. */
  enum Field {
    /** {@code token} and {@code access_token}. */
    BOTH,
    /** Only {@code token}. */
    TOKEN,
    /** Only {@code access_token}. */
    ACCESS_TOKEN
  }

  /**
   * What a token stands for.
   *
   * @param identity the account
   * @param scopes what it may be used for
   * @param expires when it ends
   */
  record Grant(String identity, Set<String> scopes, Instant expires) {}

  /**
   * How this server differs from others.
   *
   * @param lifetime how long tokens live
   * @param announcesLifetime whether the answer has {@code expires_in}
   * @param field how the token is named
   * @param oauth whether the POST is understood
   */
  record Traits(Duration lifetime, boolean announcesLifetime, Field field, boolean oauth) {}

  private final Repositories repositories;
  private final Map<String, String> accounts;
  private final Map<String, Set<String>> readers;
  private final InstantSource clock;
  private final Traits traits;
  private final Map<String, Grant> grants = new ConcurrentHashMap<>();
  private final AtomicInteger issued = new AtomicInteger();

  /**
   * A token server.
   *
   * @param accounts names and passwords
   * @param readers private repositories and the accounts that may read them; may change
   */
  TokenServer(
      Repositories repositories,
      Map<String, String> accounts,
      Map<String, Set<String>> readers,
      InstantSource clock,
      Traits traits) {
    this.repositories = repositories;
    this.accounts = accounts;
    this.readers = readers;
    this.clock = clock;
    this.traits = traits;
  }

  /** What a token stands for, while it is valid. */
  Optional<Grant> grant(String token) {
    return Optional.ofNullable(grants.get(token))
        .filter(grant -> clock.instant().isBefore(grant.expires));
  }

  /** Only these accounts get tokens for the repository from now on. */
  void restrict(String repository, Set<String> users) {
    readers.put(repository, users);
  }

  /** All get tokens for the repository from now on. */
  void open(String repository) {
    readers.remove(repository);
  }

  /** Makes all tokens given so far worthless. */
  void revokeAll() {
    grants.clear();
  }

  @Override
  public Answer answer(IncomingRequest request, Target target) {
    if (!request.path().equals(PATH)) {
      return Answer.of(404, "text/plain", "404 page not found\n");
    }
    return switch (request.method()) {
      case "GET" -> get(request);
      case "POST" -> post(request);
      default -> Answer.of(405, "text/plain", "method not allowed\n");
    };
  }

  private Answer get(IncomingRequest request) {
    Optional<String> authorization = request.headers().first("Authorization");
    Optional<String> identity =
        authorization.isEmpty()
            ? Optional.of(Admission.ANONYMOUS)
            : Admission.basic(authorization.get(), accounts);
    return identity
        .map(who -> issue(who, request.queryParameters().getOrDefault("scope", List.of())))
        .orElseGet(TokenServer::refused);
  }

  private Answer post(IncomingRequest request) {
    if (!traits.oauth) {
      return Answer.of(404, "text/plain", "404 page not found\n");
    }
    Map<String, List<String>> form = request.formParameters();
    String user = form.getOrDefault("username", List.of("")).getFirst();
    String password = form.getOrDefault("password", List.of("")).getFirst();
    List<String> scopes = new ArrayList<>();
    form.getOrDefault("scope", List.of()).forEach(s -> scopes.addAll(List.of(s.split(" ", -1))));
    if (form.getOrDefault("grant_type", List.of()).equals(List.of("refresh_token"))) {
      String identityToken = form.getOrDefault("refresh_token", List.of("")).getFirst();
      return identityToken.equals(accounts.get(IDENTITY_TOKEN))
          ? issue(IDENTITY_TOKEN, scopes)
          : Answer.of(400, "application/json", "{\"error\":\"invalid_grant\"}");
    }
    if (!form.getOrDefault("grant_type", List.of()).equals(List.of("password"))) {
      return Answer.of(400, "application/json", "{\"error\":\"unsupported_grant_type\"}");
    }
    if (!password.equals(accounts.get(user))) {
      return refused();
    }
    return issue(user, scopes);
  }

  private static Answer refused() {
    return Answer.of(401, "application/json", "{\"details\":\"incorrect username or password\"}");
  }

  private Answer issue(String identity, List<String> scopes) {
    Set<String> granted = new TreeSet<>();
    for (String scope : scopes) {
      String[] parts = scope.split(":", -1);
      if (parts.length == 3 && parts[0].equals("repository") && mayRead(identity, parts[1])) {
        granted.add("repository:" + parts[1] + ":pull");
      }
    }
    Instant now = clock.instant();
    String token = "token-" + issued.incrementAndGet() + "-of-" + identity;
    grants.put(token, new Grant(identity, granted, now.plus(traits.lifetime)));
    Map<String, String> members = new LinkedHashMap<>();
    if (traits.field != Field.ACCESS_TOKEN) {
      members.put("token", JsonText.quote(token));
    }
    if (traits.field != Field.TOKEN) {
      members.put("access_token", JsonText.quote(token));
    }
    if (traits.announcesLifetime) {
      members.put("expires_in", String.valueOf(traits.lifetime.toSeconds()));
    }
    members.put("issued_at", JsonText.quote(now.toString()));
    List<String> pairs =
        members.entrySet().stream().map(m -> "\"" + m.getKey() + "\":" + m.getValue()).toList();
    return Answer.of(200, "application/json", "{" + String.join(",", pairs) + "}");
  }

  private boolean mayRead(String identity, String repository) {
    Set<String> only = readers.get(repository);
    return repositories.has(repository) && (only == null || only.contains(identity));
  }
}
