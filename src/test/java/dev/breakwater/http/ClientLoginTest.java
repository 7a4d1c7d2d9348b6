package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.access.AccessControl;
import dev.breakwater.access.Hashes;
import dev.breakwater.access.Htpasswd;
import dev.breakwater.access.LoginLimits;
import dev.breakwater.access.PasswordLogins;
import dev.breakwater.access.Rules;
import dev.breakwater.access.Tokens;
import dev.breakwater.http.RawClient.Answer;
import dev.breakwater.http.ServerSettings.Face;
import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins with user name and password, over raw sockets. */
class ClientLoginTest {
  private static final String MANIFEST = "/v2/library/redis/manifests/7";
  private static final Htpasswd USERS =
      Htpasswd.parse(Hashes.line("alice", "canary-right").getBytes(StandardCharsets.UTF_8));

  static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private TestServer server;

  static Function<Vertx, AccessControl> users(Rules rules) {
    return users(rules, () -> USERS, Clock.systemUTC());
  }

  static Function<Vertx, AccessControl> users(Rules rules, Supplier<Htpasswd> users, Clock clock) {
    return vertx ->
        new AccessControl(
            Optional.of(
                new AccessControl.Logins(
                    new PasswordLogins(
                        vertx,
                        new PasswordLogins.Parts(
                            users, user -> Set.of("dev"), new LoginLimits(System::nanoTime)),
                        System::nanoTime),
                    new Tokens(KEY, users, user -> Set.of("dev"), clock))),
            rules);
  }

  private void start(Face face) {
    server = new TestServer(face, users(Rules.NONE));
    server.hub.putManifest("library/redis", "7", "{\"schemaVersion\":2}");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String basic(String text) {
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private Answer get(String... authorizations) throws IOException {
    StringBuilder head = new StringBuilder("GET " + MANIFEST + " HTTP/1.1\r\nHost: m:5000\r\n");
    for (String value : authorizations) {
      head.append("Authorization: ").append(value).append("\r\n");
    }
    try (RawClient client = server.connect()) {
      return client.send(head + "\r\n").read();
    }
  }

  @ParameterizedTest
  @EnumSource(Face.class)
  void theRightPasswordIsNamedInTheAccessLog(Face face) throws IOException {
    start(face);
    try (CapturedLog log = CapturedLog.of("access")) {
      assertThat(get(basic("alice:canary-right")).status()).isEqualTo(200);
      Eventually.until("the access line", () -> !log.fields().isEmpty());

      assertThat(log.fields()).anyMatch(fields -> fields.contains("user=\"alice\""));
      assertThat(log.fields().toString()).doesNotContain("canary");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Face.class,
      names = {"REGISTRY", "BOTH"})
  void aWrongPasswordIsRefusedWithAChallenge(Face face) throws IOException {
    start(face);
    for (String pair : new String[] {"alice:canary-wrong", "mallory:canary-wrong"}) {
      Answer answer = get(basic(pair));

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.statusLine()).endsWith("Unauthorized: the login is not valid");
      assertThat(answer.field("WWW-Authenticate")).isPresent();
      assertThat(answer.text())
          .contains("UNAUTHORIZED", "the user name or the password is not correct")
          .doesNotContain("canary", "mallory", "alice");
    }
  }

  @Test
  void aMirrorIgnoresWhatIsNotALoginOfItsOwn() throws IOException {
    start(Face.MIRROR);
    for (String value :
        new String[] {basic("hubuser:hubpassword"), basic("alice:wrong"), "Bearer x", "?", ""}) {
      Answer answer = get(value);

      assertThat(answer.status()).as(value).isEqualTo(200);
      assertThat(answer.field("WWW-Authenticate")).as(value).isEmpty();
    }
    for (int i = 0; i < 2 * LoginLimits.AT_ONCE_FROM_CLIENT; i++) {
      assertThat(get(basic("hubuser" + i + ":p")).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic canary", "Basic", "", "canary", "Basic Y2FuYXJ5", "Bearer canary"})
  void aWrongShapeIsRefusedAndNotRepeated(String value) throws IOException {
    start(Face.BOTH);
    try (CapturedLog log = CapturedLog.of("access")) {
      Answer answer = get(value);

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.field("WWW-Authenticate")).isPresent();
      assertThat(answer.text() + answer.fields()).doesNotContainIgnoringCase("canary");
      Eventually.until("the access line", () -> !log.fields().isEmpty());
      assertThat(log.fields().toString()).doesNotContainIgnoringCase("canary");
    }
  }

  @Test
  void twoAuthorizationHeadersAreRefused() throws IOException {
    start(Face.BOTH);

    Answer answer = get(basic("alice:canary-right"), basic("alice:canary-right"));

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.text()).contains("two Authorization headers");
  }

  @Test
  void guessingEndsIn429WithTheTimeToWait() throws IOException {
    start(Face.BOTH);
    for (int i = 0; i < LoginLimits.AT_ONCE_FROM_CLIENT; i++) {
      assertThat(get(basic("alice:guess" + i)).status()).isEqualTo(401);
    }

    Answer answer = get(basic("alice:canary-right"));

    assertThat(answer.status()).isEqualTo(429);
    assertThat(Integer.parseInt(answer.field("Retry-After").orElseThrow())).isBetween(1, 6);
    assertThat(answer.field("WWW-Authenticate")).isEmpty();
    assertThat(get().status()).isEqualTo(200);
  }

  @Test
  void requestsBehindALoginInThePipeAreAnsweredInTheirOrder() throws IOException {
    start(Face.BOTH);
    try (RawClient client = server.connect()) {
      client.send(
          "GET "
              + MANIFEST
              + " HTTP/1.1\r\nHost: m\r\nAuthorization: "
              + basic("alice:canary-right")
              + "\r\n\r\nGET /v2/library/redis/manifests/none HTTP/1.1\r\nHost: m\r\n\r\n");

      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.read().status()).isEqualTo(404);
    }
  }

  @Test
  void aBodyBehindALoginIsReadBeforeTheNextRequest() throws IOException {
    start(Face.BOTH);
    for (String password : new String[] {"canary-right", "wrong"}) {
      try (RawClient client = server.connect()) {
        client.send(
            "POST /v2/a/b/blobs/uploads/ HTTP/1.1\r\n"
                + "Host: m\r\n"
                + "Content-Length: 5\r\n"
                + "Authorization: "
                + basic("alice:" + password)
                + "\r\n\r\nhelloGET /v2/a/tags/list HTTP/1.1\r\nHost: m\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(password.equals("wrong") ? 401 : 405);
        assertThat(client.read().status()).isEqualTo(404);
      }
    }
  }
}
