package dev.breakwater.upstream;

import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.testing.RequestMatcher.token;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.FreePort;
import dev.breakwater.testing.TestImage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Private images with logins that come from files and programs, and change. */
@org.junit.jupiter.api.Tag("slow")
class FetchedLoginTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String SECRET = "c4nary-s3cret";
  private static final String SECOND = "s3cond-c4nary";

  private final TestImage image = TestImage.docker().layer(1000).build();
  private final int port = FreePort.onLoopback();

  @TempDir Path directory;
  private HelperScript helper;
  private Path file;

  @BeforeEach
  void prepare() {
    helper = HelperScript.answering(directory, "test");
    file = directory.resolve("config.json");
  }

  private FaultyRegistry start(FaultyRegistryBuilder builder) {
    return builder
        .port(port)
        .privateRepository(NGINX.value(), "alice", "bob", "<token>")
        .start()
        .put(NGINX.value(), TAG.value(), image)
        .put("library/public", TAG.value(), image);
  }

  private FaultyRegistry basic(String password) {
    return start(FaultyRegistry.builder().basic().account("alice", password));
  }

  private UpstreamClient byHelper(FaultyRegistry upstream) {
    return UpstreamClient.of(upstream)
        .credentials(
            new CredentialSettings(
                Optional.empty(),
                Optional.of("test"),
                Duration.ofMinutes(10),
                helper.environment()))
        .build();
  }

  private UpstreamClient byFile(FaultyRegistry upstream) {
    return UpstreamClient.of(upstream)
        .credentials(
            new CredentialSettings(
                Optional.of(file), Optional.empty(), Duration.ofMinutes(10), helper.environment()))
        .build();
  }

  private void writeLogin(FaultyRegistry upstream, String pair) throws Exception {
    String auth = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    Files.writeString(file, "{\"auths\":{\"" + host(upstream) + "\":{\"auth\":\"" + auth + "\"}}}");
  }

  private static String host(FaultyRegistry upstream) {
    return URI.create(upstream.url()).getAuthority();
  }

  private void assertPulls(UpstreamClient client) {
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  @Test
  void helpersLoginOpensAPrivateImage() {
    helper.answer("alice", SECRET);
    try (FaultyRegistry upstream = basic(SECRET);
        UpstreamClient client = byHelper(upstream)) {
      assertThat(helper.runs()).as("not before it is needed").isZero();
      assertPulls(client);
      assertPulls(client);
      assertThat(helper.asked()).isEqualTo(host(upstream));
      assertThat(helper.runs()).isEqualTo(1);
      assertThat(client.registry().report(false).accounts().getFirst().account()).isEqualTo("test");
    }
  }

  @Test
  void loginThatHasExpiredIsRenewedAtOnceAndNoCallFails() {
    helper.answer("alice", SECRET);
    UpstreamClient client;
    try (FaultyRegistry upstream = basic(SECRET)) {
      client = byHelper(upstream);
      assertPulls(client);
    }
    try (client;
        FaultyRegistry upstream = basic(SECOND)) {
      helper.answer("alice", SECOND);
      client.skip(Duration.ofMinutes(1));
      assertPulls(client);
      assertPulls(client);
      assertThat(upstream.count(manifest().get())).isEqualTo(2);
      assertThat(helper.runs()).isEqualTo(2);
      assertThat(client.registry().report(false).accounts().getFirst().suspended()).isFalse();
    }
  }

  @Test
  void tokensAreFetchedWithTheNewLogin() {
    helper.answer("alice", SECRET);
    UpstreamClient client;
    FaultyRegistryBuilder first = FaultyRegistry.builder().bearer().tokensOnRegistry();
    try (FaultyRegistry upstream = start(first.account("alice", SECRET))) {
      client = byHelper(upstream);
      assertPulls(client);
    }
    FaultyRegistryBuilder second = FaultyRegistry.builder().bearer().tokensOnRegistry();
    try (client;
        FaultyRegistry upstream = start(second.account("alice", SECOND))) {
      helper.answer("alice", SECOND);
      client.skip(Duration.ofMinutes(1));
      assertPulls(client);
      assertThat(upstream.count(manifest().get())).isEqualTo(1);
      assertThat(helper.runs()).isEqualTo(2);
    }
  }

  @Test
  void helperThatFailsCostsNothingWhileItsLastLoginIsGood() {
    helper.answer("alice", SECRET);
    try (FaultyRegistry upstream = basic(SECRET);
        UpstreamClient client = byHelper(upstream)) {
      assertPulls(client);
      helper.fail();
      client.skip(Duration.ofHours(1));
      assertPulls(client);
      assertPulls(client);
    }
  }

  @Test
  void privateImageWithoutAnyLoginIsUnavailableAndNotForbidden() {
    try (FaultyRegistry upstream =
            start(FaultyRegistry.builder().bearer().tokensOnRegistry().account("alice", SECRET));
        UpstreamClient client = byHelper(upstream);
        CapturedLog log = CapturedLog.of(QuotaReporter.class)) {
      for (int i = 0; i < 2; i++) {
        UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
        assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.LOGIN);
        assertThat(failure.outcome().isUnavailable()).isTrue();
        assertThat(failure.failureCause()).isEqualTo(FailureCause.UPSTREAM_LOGIN);
        assertThat(failure)
            .hasMessageEndingWith(
                "its login cannot be obtained: the credential helper docker-credential-test ended"
                    + " with exit code 3: \"no answer today\"");
      }
      assertThat(helper.runs()).as("it is not run for each request").isEqualTo(1);
      assertThat(
              await(
                      client
                          .registry()
                          .getManifest(
                              dev.breakwater.oci.RepositoryName.parse("library/public"), TAG))
                  .digest())
          .as("what is public does not depend on it")
          .isEqualTo(image.digest());
      assertThat(log.lines())
          .containsExactly(
              "WARN [faulty.test] account test is suspended for 30 s, its login cannot be obtained:"
                  + " the credential helper docker-credential-test ended with exit code 3: \"no"
                  + " answer today\"");
      helper.answer("alice", SECRET);
      client.skip(Duration.ofSeconds(30));
      assertPulls(client);
    }
  }

  @Test
  void wrongLoginSuspendsTheAccount() {
    helper.answer("alice", "wrong");
    try (FaultyRegistry upstream = basic(SECRET);
        UpstreamClient client = byHelper(upstream)) {
      for (int i = 0; i < 3; i++) {
        assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
            .isEqualTo(UpstreamOutcome.UNAUTHORIZED);
      }
      assertThat(helper.runs()).isEqualTo(1);
      assertThat(client.registry().report(false).accounts().getFirst().suspended()).isTrue();
    }
  }

  @Test
  void loginThatIsRevokedEndsAccess() {
    helper.answer("alice", SECRET);
    UpstreamClient client;
    try (FaultyRegistry upstream = basic(SECRET)) {
      client = byHelper(upstream);
      assertPulls(client);
    }
    try (client;
        FaultyRegistry upstream = basic(SECOND)) {
      client.skip(Duration.ofMinutes(1));
      for (int i = 0; i < 3; i++) {
        UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
        assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.UNAUTHORIZED);
        assertThat(failure.outcome().isUnavailable()).as("nothing stale is served").isFalse();
      }
      assertThat(helper.runs()).isEqualTo(2);
      assertThat(upstream.count(manifest())).as("admitted").isZero();
      client.skip(Duration.ofMinutes(5));
      helper.answer("alice", SECOND);
      assertPulls(client);
    }
  }

  @Test
  void dockersFileOpensAPrivateImageAndIsReadAgain() throws Exception {
    UpstreamClient client;
    try (FaultyRegistry upstream = basic(SECRET)) {
      writeLogin(upstream, "alice:" + SECRET);
      client = byFile(upstream);
      assertPulls(client);
    }
    try (client;
        FaultyRegistry upstream = start(FaultyRegistry.builder().basic().account("bob", SECOND))) {
      writeLogin(upstream, "bob:" + SECOND);
      client.skip(Duration.ofMinutes(1));
      assertPulls(client);
      assertThat(upstream.count(manifest().get())).isEqualTo(1);
      assertThat(helper.runs()).isZero();
    }
  }

  @Test
  void identityTokenIsExchangedForATokenByPost() throws Exception {
    try (FaultyRegistry upstream =
        start(FaultyRegistry.builder().bearer().oauth().account("<token>", SECRET))) {
      Files.writeString(
          file,
          "{\"auths\":{\"%s\":{\"auth\":\"\",\"identitytoken\":\"%s\"}}}"
              .formatted(host(upstream), SECRET));
      try (UpstreamClient client = byFile(upstream)) {
        assertPulls(client);
        assertThat(upstream.requests(token()))
            .singleElement()
            .satisfies(
                request -> {
                  assertThat(request.method()).isEqualTo("POST");
                  assertThat(request.query()).isEmpty();
                  assertThat(request.headers().first("Authorization")).isEmpty();
                });
        assertThat(upstream.requests(manifest()))
            .allSatisfy(request -> assertThat(request.headers().toString()).doesNotContain(SECRET));
      }
    }
  }

  @Test
  void identityTokenThatIsRefusedIsRenewed() {
    helper.answer("<token>", SECRET);
    UpstreamClient client;
    FaultyRegistryBuilder first = FaultyRegistry.builder().bearer().oauth().tokensOnRegistry();
    try (FaultyRegistry upstream = start(first.account("<token>", SECRET))) {
      client = byHelper(upstream);
      assertPulls(client);
    }
    FaultyRegistryBuilder second = FaultyRegistry.builder().bearer().oauth().tokensOnRegistry();
    try (client;
        FaultyRegistry upstream = start(second.account("<token>", SECOND))) {
      helper.answer("<token>", SECOND);
      client.skip(Duration.ofMinutes(1));
      assertPulls(client);
      assertThat(upstream.count(manifest().get())).isEqualTo(1);
    }
  }

  @Test
  void helpersThatDockersFileNamesAreAsked() throws Exception {
    helper.answer("alice", SECRET);
    try (FaultyRegistry upstream = basic(SECRET)) {
      for (String json :
          new String[] {
            "{\"credHelpers\":{\"%s\":\"test\"},\"credsStore\":\"absent\"}",
            "{\"auths\":{\"%s\":{}},\"credsStore\":\"test\"}"
          }) {
        Files.writeString(file, json.formatted(host(upstream)));
        int before = helper.runs();
        try (UpstreamClient client = byFile(upstream)) {
          assertPulls(client);
          client.skip(Duration.ofMinutes(5));
          assertPulls(client);
          assertThat(helper.runs()).as(json).isEqualTo(before + 1);
        }
      }
    }
  }

  @Test
  void helperAndFileThatCannotBeUsedAreNamedAtTheStart() throws Exception {
    Files.writeString(file, "{\"auths\":{\"quay.io\":{\"auth\":\"c4nary-s3cret\"}}}");
    assertThatThrownBy(
            () ->
                UpstreamClient.of("https://ghcr.io")
                    .credentials(
                        new CredentialSettings(
                            Optional.of(file), Optional.empty(), Duration.ofMinutes(1), Map.of()))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "upstreams.faulty.test.dockerConfig: the docker configuration \"" + file + "\" has no")
        .hasMessageNotContaining(SECRET);
    assertThatThrownBy(
            () ->
                UpstreamClient.of("https://ghcr.io")
                    .credentials(
                        new CredentialSettings(
                            Optional.empty(), Optional.of("x"), Duration.ofMinutes(1), Map.of()))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "upstreams.faulty.test.credentialHelper: the credential helper docker-credential-x is"
                + " in no directory of PATH");
  }
}
