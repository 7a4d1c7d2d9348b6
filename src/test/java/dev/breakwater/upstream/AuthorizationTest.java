package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.body;
import static dev.breakwater.testing.Faults.challenge;
import static dev.breakwater.testing.Faults.contentType;
import static dev.breakwater.testing.Faults.endlessBody;
import static dev.breakwater.testing.Faults.holdUntil;
import static dev.breakwater.testing.Faults.htmlPage;
import static dev.breakwater.testing.Faults.realm;
import static dev.breakwater.testing.Faults.redirectTo;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.challenged;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.testing.RequestMatcher.token;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.Gate;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.SeenRequest;
import dev.breakwater.testing.TestImage;
import io.vertx.core.Future;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String SECRET = "c4nary-s3cret";
  private static final Duration SOON = Duration.ofSeconds(10);

  private final TestImage image = TestImage.docker().layer(1000).build();

  private FaultyRegistry start(FaultyRegistryBuilder builder) {
    return builder.account("alice", SECRET).start().put(NGINX.value(), TAG.value(), image);
  }

  private FaultyRegistry bearer() {
    return start(FaultyRegistry.builder().bearer());
  }

  private void assertPulls(UpstreamClient client) {
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  /** Nothing may reach a realm that is not the registry's own or listed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:%d/token",
        "http://user@127.0.0.1:%d/token",
        "http://127.0.0.1.:%d/token",
        "http://localhost:%d/token",
        "http://2130706433:%d/token",
        "http://[::ffff:127.0.0.1]:%d/token",
        "https://127.0.0.1:%d/token"
      })
  void foreignRealmGetsNothing(String realm) {
    try (FaultyRegistry upstream = bearer();
        FaultyRegistry attacker = bearer()) {
      int port = URI.create(attacker.authUrl()).getPort();
      upstream.on(challenged()).then(realm(realm.formatted(port)));
      try (UpstreamClient named = UpstreamClient.of(upstream).account("alice", SECRET).build();
          UpstreamClient anonymous = UpstreamClient.of(upstream).build()) {
        for (UpstreamClient client : List.of(named, anonymous)) {
          UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
          assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.INVALID);
          assertThat(failure)
              .hasMessageContaining("upstreams.faulty.test.realms")
              .hasMessageNotContaining(SECRET);
        }
      }
      assertThat(attacker.requests()).isEmpty();
      assertThat(attacker.connections(Listener.AUTH)).isZero();
      assertThat(upstream.requestsContaining(SECRET)).isEmpty();
      assertThat(upstream.count(token())).isZero();
    }
  }

  @Test
  void realmIsCheckedOnEveryChallenge() {
    try (FaultyRegistry upstream = bearer();
        FaultyRegistry attacker = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).account("alice", SECRET).build()) {
      assertPulls(client);
      upstream.revokeTokens();
      upstream.on(challenged()).then(realm(attacker.authUrl() + "/token"));
      assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.INVALID);
      assertThat(attacker.requests()).isEmpty();
    }
  }

  static Stream<Arguments> brokenTokenAnswers() {
    return Stream.of(
        Arguments.of(htmlPage(), UpstreamOutcome.INVALID, 4),
        Arguments.of(body("{}"), UpstreamOutcome.INVALID, 4),
        Arguments.of(body("{\"token\":\"a\\nb\"}"), UpstreamOutcome.INVALID, 4),
        Arguments.of(endlessBody(), UpstreamOutcome.INVALID, 1),
        Arguments.of(redirectTo("/elsewhere"), UpstreamOutcome.INVALID, 4),
        Arguments.of(status(404), UpstreamOutcome.INVALID, 1),
        Arguments.of(status(400), UpstreamOutcome.INVALID, 1),
        Arguments.of(status(401), UpstreamOutcome.UNAUTHORIZED, 1),
        Arguments.of(status(403), UpstreamOutcome.DENIED, 1),
        Arguments.of(tooManyRequests(Duration.ofMinutes(5)), UpstreamOutcome.RATE_LIMITED, 1));
  }

  @ParameterizedTest
  @MethodSource("brokenTokenAnswers")
  void brokenTokenServerEndsInItsOutcome(Fault fault, UpstreamOutcome outcome, int requests) {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      upstream.on(token()).then(fault);
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).as(failure.getMessage()).isEqualTo(outcome);
      assertThat(failure).hasMessageStartingWith("fetching a token for library/nginx from 127.");
      assertThat(client.counted(ContentKind.TOKEN, outcome)).isEqualTo(requests);
      assertThat(client.counted(ContentKind.MANIFEST, outcome)).isEqualTo(1);
      assertThat(upstream.count(token())).isEqualTo(requests);
    }
  }

  @Test
  void secretsThatAreSentBackAreNotRepeated() {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).account("alice", SECRET).build()) {
      String encoded = new Credentials("alice", SECRET).encoded();
      upstream
          .on(token())
          .then(
              status(404),
              contentType("application/json"),
              body(
                  "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"you sent %s and %s\"}]}"
                      .formatted(SECRET, encoded)));
      assertThat(failureOf(client.registry().getManifest(NGINX, TAG)))
          .hasMessageContaining("DENIED")
          .hasMessageContaining("you sent [redacted] and [redacted]");
    }
  }

  @Test
  void tokenThatIsSentBackIsNotRepeated() {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      upstream
          .on(manifest())
          .then(
              status(403),
              body("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"token-1-of-anonymous\"}]}"));
      assertThat(failureOf(client.registry().getManifest(NGINX, TAG)))
          .hasMessageContaining("DENIED")
          .hasMessageNotContaining("token-1");
    }
  }

  @Test
  void refusedFreshTokenIsTheEnd() {
    try (FaultyRegistry upstream =
            start(FaultyRegistry.builder().bearer().privateRepository(NGINX.value(), "bob"));
        UpstreamClient client = UpstreamClient.of(upstream).account("alice", SECRET).build()) {
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.UNAUTHORIZED);
      assertThat(failure.status()).isEqualTo(401);
      assertThat(upstream.count(token())).isEqualTo(1);
      assertThat(upstream.count(any().on(Listener.REGISTRY))).isEqualTo(2);
    }
  }

  @Test
  void wrongPasswordIsUnauthorized() {
    try (FaultyRegistry upstream =
            start(FaultyRegistry.builder().bearer().privateRepository(NGINX.value(), "alice"));
        UpstreamClient client = UpstreamClient.of(upstream).account("alice", "wrong").build()) {
      assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.UNAUTHORIZED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Negotiate", "Bearer", "Bearer realm=\"\"", "Digest realm=\"x\"", "§"})
  void challengeThatCannotBeMetFailsAtOnce(String challenge) {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).account("alice", SECRET).build()) {
      upstream.on(challenged()).then(challenge(challenge));
      assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(
              challenge.startsWith("Bearer")
                  ? UpstreamOutcome.INVALID
                  : UpstreamOutcome.UNAUTHORIZED);
      assertThat(upstream.requests()).hasSize(1);
    }
  }

  @Test
  void anonymousTokenIsFetchedOnceAndBroughtAlong() {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      assertPulls(client);
      assertPulls(client);
      assertThat(await(client.download(image.layer(0).digest(), 0))).hasSize(1000);
      assertThat(upstream.count(token())).isEqualTo(1);
      assertThat(upstream.count(challenged())).isEqualTo(1);
      assertThat(upstream.credentialsSeenBy(Listener.AUTH)).isEmpty();
      SeenRequest asked = upstream.requests(token()).getFirst();
      assertThat(asked.query()).contains("scope=repository%3Alibrary%2Fnginx%3Apull");
      assertThat(client.counted(ContentKind.TOKEN, UpstreamOutcome.OK)).isEqualTo(1);
      assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.OK)).isEqualTo(2);
    }
  }

  @Test
  void everyRepositoryHasItsOwnToken() {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      upstream.put("library/redis", "7", image);
      assertPulls(client);
      await(client.registry().getManifest(RepositoryName.parse("library/redis"), Tag.parse("7")));
      assertThat(upstream.count(token())).isEqualTo(2);
      assertThat(
              upstream.requests(manifest()).stream()
                  .map(request -> request.authorization().orElse(""))
                  .distinct())
          .hasSize(2);
    }
  }

  @Test
  void accountGoesToTheTokenServerOnly() {
    try (FaultyRegistry upstream =
            start(FaultyRegistry.builder().bearer().privateRepository(NGINX.value(), "alice"));
        UpstreamClient client = UpstreamClient.of(upstream).account("alice", SECRET).build()) {
      assertPulls(client);
      assertThat(upstream.credentialsSeenBy(Listener.AUTH)).contains("alice:" + SECRET);
      assertThat(upstream.credentialsSeenBy(Listener.REGISTRY))
          .containsExactly("Bearer token-1-of-alice");
    }
  }

  @Test
  void expiredTokenIsReplacedBeforeItIsRefused() {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      assertPulls(client);
      client.skip(Duration.ofSeconds(269));
      assertPulls(client);
      assertThat(upstream.count(token())).isEqualTo(1);
      client.skip(Duration.ofSeconds(2));
      assertPulls(client);
      assertThat(upstream.count(token())).isEqualTo(2);
      assertThat(upstream.count(challenged())).isEqualTo(1);
    }
  }

  @Test
  void tokenWithoutLifetimeIsUsedForHalfAMinute() {
    try (FaultyRegistry upstream =
            start(FaultyRegistry.builder().bearer().silentAboutTokenLifetime().onlyAccessToken());
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      assertPulls(client);
      client.skip(Duration.ofSeconds(29));
      assertPulls(client);
      client.skip(Duration.ofSeconds(2));
      assertPulls(client);
      assertThat(upstream.count(token())).isEqualTo(2);
    }
  }

  @Test
  void revokedTokenIsDroppedAndReplacedOnce() {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      assertPulls(client);
      upstream.revokeTokens();
      assertPulls(client);
      assertPulls(client);
      assertThat(upstream.count(token())).isEqualTo(2);
      assertThat(upstream.count(challenged())).as("first, to the token, to none").isEqualTo(3);
    }
  }

  @Test
  void hundredPullsShareOneToken() {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      Gate gate = new Gate();
      upstream.on(token()).then(holdUntil(gate));
      List<Future<PulledManifest>> pulls = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        pulls.add(client.registry().getManifest(NGINX, TAG));
      }
      upstream.awaitRequests(challenged(), RequestLimits.DEFAULT.others(), SOON);
      gate.open();
      for (Future<PulledManifest> pull : pulls) {
        assertThat(await(pull).digest()).isEqualTo(image.digest());
      }
      assertThat(upstream.count(token())).isEqualTo(1);
    }
  }

  @Test
  void tokensOnTheRegistryItselfDoNotWaitForItsOwnChallenges() {
    try (FaultyRegistry upstream = start(FaultyRegistry.builder().bearer().tokensOnRegistry());
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      List<Future<PulledManifest>> pulls = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        pulls.add(client.registry().getManifest(NGINX, TAG));
      }
      for (Future<PulledManifest> pull : pulls) {
        assertThat(await(pull).digest()).isEqualTo(image.digest());
      }
    }
  }

  @Test
  void failedTokenRequestFailsAllWhoWaitAndIsForgotten() {
    try (FaultyRegistry upstream = bearer();
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      Gate gate = new Gate();
      upstream.on(token()).once().then(status(403), holdUntil(gate));
      List<Future<PulledManifest>> pulls = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        pulls.add(client.registry().getManifest(NGINX, TAG));
      }
      upstream.awaitRequests(challenged(), 5, SOON);
      gate.open();
      long denied = pulls.stream().filter(AuthorizationTest::isDenied).count();
      assertThat(denied).isPositive();
      assertPulls(client);
    }
  }

  private static boolean isDenied(Future<PulledManifest> pull) {
    try {
      await(pull);
      return false;
    } catch (UpstreamException e) {
      return e.outcome() == UpstreamOutcome.DENIED;
    }
  }

  @Test
  void basicIsAnsweredAndThenBroughtAlong() {
    try (FaultyRegistry upstream = start(FaultyRegistry.builder().basic());
        UpstreamClient client = UpstreamClient.of(upstream).account("alice", SECRET).build()) {
      assertPulls(client);
      assertPulls(client);
      assertThat(upstream.count(challenged())).isEqualTo(1);
      assertThat(upstream.credentialsSeenBy(Listener.REGISTRY)).contains("alice:" + SECRET);
    }
  }

  @Test
  void basicWithoutOrWithWrongAccountIsUnauthorized() {
    try (FaultyRegistry upstream = start(FaultyRegistry.builder().basic());
        UpstreamClient anonymous = UpstreamClient.of(upstream).build();
        UpstreamClient wrong = UpstreamClient.of(upstream).account("alice", "no").build()) {
      assertThat(failureOf(anonymous.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.UNAUTHORIZED);
      assertThat(failureOf(wrong.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.UNAUTHORIZED);
      // A registry that has only Basic is asked by nothing else: anonymous, then by the account.
      assertThat(upstream.requests()).hasSize(4);
    }
  }
}
