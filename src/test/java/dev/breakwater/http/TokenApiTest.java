package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.access.Hashes;
import dev.breakwater.access.Htpasswd;
import dev.breakwater.access.LoginLimits;
import dev.breakwater.access.Rule;
import dev.breakwater.access.Rules;
import dev.breakwater.access.Tokens;
import dev.breakwater.http.RawClient.Answer;
import dev.breakwater.http.ServerSettings.Face;
import dev.breakwater.oci.Action;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.testing.TurnedClock;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Challenges and the tokens that clients get for them, over raw sockets. */
class TokenApiTest {
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String REDIS = "/v2/library/redis/manifests/7";
  private static final String APP = "/v2/team/app/manifests/7";
  private static final String PULL_REDIS = "repository:library/redis:pull";
  private static final String PULL_APP = "repository:team/app:pull";

  private final TurnedClock clock = TurnedClock.running();
  private volatile Htpasswd users = file("canary-right");
  private TestServer server;

  private static Htpasswd file(String password) {
    return Htpasswd.parse(Hashes.line("alice", password).getBytes(StandardCharsets.UTF_8));
  }

  /** All may pull, but from team/ alice only; she may push there. */
  private void start(Face face) {
    Rules rules =
        new Rules(
            List.of(
                new Rule(
                    List.of("anonymous"),
                    List.of(),
                    List.of(RepositoryPattern.parse("library/*")),
                    Set.of(Action.PULL)),
                new Rule(
                    List.of("alice"),
                    List.of(),
                    List.of(RepositoryPattern.parse("team/*")),
                    Set.of(Action.PULL, Action.PUSH))));
    server = new TestServer(face, ClientLoginTest.users(rules, () -> users, clock));
    for (String name : List.of("library/redis", "team/app")) {
      server.hub.putManifest(name, "7", "{\"schemaVersion\":2}");
      server.ghcr.putManifest(name, "7", "{\"schemaVersion\":2}");
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String basic(String text) {
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private Answer get(String path, String authorization) throws IOException {
    try (RawClient client = server.connect()) {
      return client
          .send(
              "GET "
                  + path
                  + " HTTP/1.1\r\nHost: m:5000\r\n"
                  + (authorization.isEmpty() ? "" : "Authorization: " + authorization + "\r\n")
                  + "\r\n")
          .read();
    }
  }

  private Answer post(String type, String body) throws IOException {
    try (RawClient client = server.connect()) {
      return client
          .send(
              "POST /token HTTP/1.1\r\nHost: m:5000\r\nContent-Type: "
                  + type
                  + "\r\nContent-Length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body)
          .read();
    }
  }

  private static JsonObject json(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return new JsonObject(answer.text());
  }

  private String token(String query, String authorization) throws IOException {
    return json(get("/token?service=breakwater" + query, authorization)).getString("token");
  }

  private int status(String path, String token) throws IOException {
    return get(path, "Bearer " + token).status();
  }

  @Test
  void thePingAsksForATokenAndOneWithoutALoginWillDo() throws IOException {
    start(Face.BOTH);

    Answer ping = get("/v2/", "");

    assertThat(ping.status()).isEqualTo(401);
    assertThat(ping.field("WWW-Authenticate"))
        .contains("Bearer realm=\"http://m:5000/token\",service=\"breakwater\"");
    assertThat(status("/v2/", token("", ""))).isEqualTo(200);
  }

  /** As dockerd pulls: it asks for a token for what it wants, with the login it has or none. */
  @Test
  void aPullWithoutALoginWorksBesideOneWith() throws IOException {
    start(Face.BOTH);

    assertThat(status(REDIS, token("&scope=" + PULL_REDIS, ""))).isEqualTo(200);
    assertThat(status(APP, token("&scope=" + PULL_APP, basic("alice:canary-right"))))
        .isEqualTo(200);
    assertThat(status(APP, token("&scope=" + PULL_APP, ""))).isEqualTo(401);
  }

  @Test
  void aTokenIsReducedToWhatTheRulesAllow() throws IOException {
    start(Face.BOTH);
    String token =
        token(
            "&scope=repository:library/redis:pull,push,delete&scope=repository:team/app:*"
                + "&scope=repository:UPPER:pull&scope=nonsense",
            basic("alice:canary-right"));
    String payload =
        new String(
            Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), StandardCharsets.UTF_8);

    assertThat(new JsonObject(payload).getString("scope"))
        .isEqualTo(
            "repository:docker.io/library/redis:pull repository:docker.io/team/app:pull,push");
    assertThat(payload).doesNotContain("canary");
  }

  @Test
  void aTokenForOtherContentIsRefusedWithTheScopeThatIsNeeded() throws IOException {
    start(Face.BOTH);
    String token = token("&scope=" + PULL_APP, basic("alice:canary-right"));

    Answer answer = get(REDIS, "Bearer " + token);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.field("WWW-Authenticate"))
        .contains(
            "Bearer realm=\"http://m:5000/token\",service=\"breakwater\",scope=\""
                + PULL_REDIS
                + "\",error=\"insufficient_scope\"");
    assertThat(status(APP + "?ns=ghcr.io", token)).isEqualTo(401);
    assertThat(status("/v2/_catalog", token)).isEqualTo(401);
    assertThat(status("/v2/_catalog", token("&scope=registry:catalog:*", ""))).isEqualTo(200);
  }

  /** As containerd pulls through a mirror: it takes the scope from the challenge. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        APP,
        APP + "?ns=ghcr.io",
        "/ghcr.io" + APP,
        "/v2/ghcr.io/team/app/manifests/7",
        "/v2/docker.io/team/app/manifests/7"
      })
  void theScopeOfAChallengeGivesATokenThatCounts(String path) throws IOException {
    start(Face.REGISTRY);
    String challenge = get(path, "").field("WWW-Authenticate").orElseThrow();
    String scope = challenge.replaceFirst(".*scope=\"([^\"]*)\".*", "$1");

    String token = token("&scope=" + scope, basic("alice:canary-right"));

    assertThat(status(path, token)).as(challenge).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"alice:wrong", "mallory:canary-right", "alice:"})
  void aWrongLoginGetsNoToken(String pair) throws IOException {
    start(Face.BOTH);

    Answer answer = get("/token?scope=" + PULL_REDIS, basic(pair));

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.field("WWW-Authenticate").orElseThrow()).startsWith("Basic ");
    assertThat(answer.text()).doesNotContain("token\"");
  }

  @Test
  void guessesAtTheTokenEndpointAreLimitedTogetherWithAllOthers() throws IOException {
    start(Face.BOTH);
    for (int i = 0; i < LoginLimits.AT_ONCE_FROM_CLIENT; i++) {
      assertThat(post(FORM, "grant_type=password&username=alice&password=p" + i).status())
          .isEqualTo(401);
    }

    assertThat(get("/token", basic("alice:other")).status()).isEqualTo(429);
    assertThat(get(REDIS, basic("alice:other")).status()).isEqualTo(429);
  }

  @Test
  void theAnswerIsWhatEveryClientExpects() throws IOException {
    start(Face.BOTH);

    Answer answer = get("/token?scope=" + PULL_REDIS, "");

    JsonObject body = json(answer);
    assertThat(body.getString("access_token")).isEqualTo(body.getString("token"));
    assertThat(body.getInteger("expires_in")).isEqualTo(300);
    assertThat(body.getString("issued_at")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    assertThat(body.containsKey("refresh_token")).isFalse();
    assertThat(answer.field("Cache-Control")).contains("no-store");
  }

  /** As containerd and dockerd log in by OAuth 2. */
  @Test
  void aFormGivesATokenAndARefreshTokenThatGivesMore() throws IOException {
    start(Face.BOTH);
    JsonObject first =
        json(
            post(
                FORM,
                "grant_type=password&service=breakwater&client_id=c&access_type=offline&scope="
                    + PULL_REDIS
                    + "+"
                    + PULL_APP
                    + "&username=alice&password=canary-right"));
    assertThat(status(APP, first.getString("access_token"))).isEqualTo(200);
    assertThat(status(REDIS, first.getString("access_token"))).isEqualTo(200);
    String refresh = first.getString("refresh_token");
    assertThat(status(APP, refresh)).isEqualTo(401);

    String grant = "grant_type=refresh_token&scope=" + PULL_APP + "&refresh_token=";
    JsonObject second = json(post(FORM + "; charset=utf-8", grant + refresh));
    assertThat(status(APP, second.getString("access_token"))).isEqualTo(200);
    assertThat(post(FORM, grant + first.getString("access_token")).status()).isEqualTo(401);

    users = file("changed");
    assertThat(post(FORM, grant + refresh).status()).isEqualTo(401);
    assertThat(status(APP, second.getString("access_token"))).isEqualTo(401);
  }

  /** As docker login asks. */
  @Test
  void aLoginMayAskForARefreshTokenByGet() throws IOException {
    start(Face.BOTH);

    JsonObject body =
        json(
            get(
                "/token?account=alice&client_id=docker&offline_token=true&service=breakwater",
                basic("alice:canary-right")));

    assertThat(body.getString("refresh_token")).isNotEmpty();
    assertThat(status("/v2/", body.getString("token"))).isEqualTo(200);
    assertThat(json(get("/token?offline_token=true", "")).containsKey("refresh_token")).isFalse();
  }

  @Test
  void anExpiredTokenIsRefusedAsInvalid() throws IOException {
    start(Face.BOTH);
    String token = token("&scope=" + PULL_REDIS, "");
    clock.turn(Tokens.LIFETIME.plus(Duration.ofMinutes(2)));

    Answer answer = get(REDIS, "Bearer " + token);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.field("WWW-Authenticate").orElseThrow()).endsWith("error=\"invalid_token\"");
    assertThat(answer.text()).doesNotContain(token);
  }

  @Test
  void aTokenDoesNotGiveAnotherOne() throws IOException {
    start(Face.BOTH);
    String token = token("&scope=" + PULL_APP, basic("alice:canary-right"));

    assertThat(get("/token?scope=" + PULL_APP, "Bearer " + token).status()).isEqualTo(401);
  }

  @Test
  void aMirrorTakesATokenThatCountsAndIgnoresOthers() throws IOException {
    start(Face.BOTH);
    String token = token("&scope=" + PULL_APP, basic("alice:canary-right"));
    server.close();
    start(Face.MIRROR);

    assertThat(status(APP, token)).isEqualTo(200);
    assertThat(status(REDIS, token)).isEqualTo(200);
    assertThat(status(REDIS, "x.y.z")).isEqualTo(200);
    assertThat(status(APP, "x.y.z")).isEqualTo(403);
    assertThat(get("/v2/", "").status()).isEqualTo(200);
    assertThat(get("/token", "").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain, grant_type=password, 400",
    "application/x-www-form-urlencoded, grant_type=magic, 400",
    "application/x-www-form-urlencoded, '', 400",
    "application/x-www-form-urlencoded, %ff%zz, 400",
    "application/x-www-form-urlencoded, grant_type=password, 401",
    "application/x-www-form-urlencoded, grant_type=password&username=a&username=b, 400",
    "application/x-www-form-urlencoded, grant_type=refresh_token&refresh_token=canary, 401"
  })
  void aFormOfTheWrongShapeIsRefused(String type, String body, int status) throws IOException {
    start(Face.BOTH);

    Answer answer = post(type, body);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).doesNotContain("canary");
  }

  @Test
  void anOversizedFormIsRefused() throws IOException {
    start(Face.BOTH);

    assertThat(post(FORM, "password=" + "a".repeat(FormBody.MAX_BYTES)).status()).isEqualTo(413);
  }

  @Test
  void tooManyScopesAndAnotherServiceAreRefused() throws IOException {
    start(Face.BOTH);

    String many = "&scope=repository:a/b:pull".repeat(Tokens.MOST_SCOPES + 1);
    assertThat(get("/token?x" + many, "").status()).isEqualTo(400);
    assertThat(get("/token?service=registry.docker.io", "").status()).isEqualTo(400);
  }

  @Test
  void otherMethodsAreRefused() throws IOException {
    start(Face.BOTH);
    try (RawClient client = server.connect()) {
      Answer answer = client.send("DELETE /token HTTP/1.1\r\nHost: m\r\n\r\n").read();

      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.field("Allow")).contains("GET, POST");
    }
  }
}
