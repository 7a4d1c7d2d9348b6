package dev.breakwater.testing;

import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static dev.breakwater.testing.RequestMatcher.challenged;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tokens, accounts and signed addresses. */
class FaultyRegistryAccessTest {
  private static final String REPOSITORY = "library/nginx";
  private static final String MANIFEST = "/v2/" + REPOSITORY + "/manifests/1";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final TestImage image = TestImage.docker().layer(1_000).build();
  private FaultyRegistry registry;

  @AfterEach
  void stop() {
    registry.close();
  }

  private void start(FaultyRegistryBuilder builder) {
    registry = builder.clock(now::get).account("ann", "secret").start();
    registry.put(REPOSITORY, "1", image);
  }

  private static RawClient.Reply get(String url, String... headers) throws Exception {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("Connection: close");
    URI uri = URI.create(url);
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return RawClient.get(url, uri.getRawPath() + query, all.toArray(String[]::new));
  }

  private static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Authorization: Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private JsonNode tokenAnswer(String... headers) throws Exception {
    RawClient.Reply reply =
        get(
            registry.authUrl() + "/token?service=x&scope=repository:" + REPOSITORY + ":pull",
            headers);
    assertThat(reply.status()).isEqualTo(200);
    return JSON.readTree(reply.body());
  }

  private String bearer(String... headers) throws Exception {
    return "Authorization: Bearer " + tokenAnswer(headers).get("token").textValue();
  }

  @Test
  void challengeNamesRealmServiceAndScope() throws Exception {
    start(FaultyRegistry.builder().bearer());
    RawClient.Reply reply = get(registry.url() + MANIFEST);
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.head())
        .contains(
            "WWW-Authenticate: Bearer realm=\"%s/token\",service=\"%s\",scope=\"repository:%s:pull\""
                .formatted(registry.authUrl(), FaultyRegistry.SERVICE, REPOSITORY));
    assertThat(get(registry.url() + "/v2/").head()).doesNotContain("scope");
    assertThat(registry.count(challenged())).isEqualTo(2);
    assertThat(registry.count(manifest())).isZero();
  }

  @Test
  void tokenOpensItsRepository() throws Exception {
    start(FaultyRegistry.builder().bearer());
    String token = bearer();
    assertThat(get(registry.url() + MANIFEST, token).status()).isEqualTo(200);
    registry.put("library/other", "1", image);
    assertThat(get(registry.url() + "/v2/library/other/manifests/1", token).head())
        .contains("error=\"insufficient_scope\"");
    assertThat(registry.credentialsSeenBy(Listener.REGISTRY))
        .containsExactly(token.substring("Authorization: ".length()));
  }

  @Test
  void tokensEndByTheClockAndWhenRevoked() throws Exception {
    start(FaultyRegistry.builder().bearer().tokenLifetime(Duration.ofMinutes(1)));
    JsonNode answer = tokenAnswer();
    assertThat(answer.get("expires_in").intValue()).isEqualTo(60);
    String first = "Authorization: Bearer " + answer.get("access_token").textValue();
    now.set(now.get().plusSeconds(60));
    assertThat(get(registry.url() + MANIFEST, first).head()).contains("error=\"invalid_token\"");
    String second = bearer();
    assertThat(get(registry.url() + MANIFEST, second).status()).isEqualTo(200);
    registry.revokeTokens();
    assertThat(get(registry.url() + MANIFEST, second).status()).isEqualTo(401);
  }

  @Test
  void tokenAnswersComeInEverySpelling() throws Exception {
    start(FaultyRegistry.builder().bearer().onlyToken().silentAboutTokenLifetime());
    JsonNode onlyToken = tokenAnswer();
    assertThat(onlyToken.has("token")).isTrue();
    assertThat(onlyToken.has("access_token")).isFalse();
    assertThat(onlyToken.has("expires_in")).isFalse();
    registry.close();
    start(FaultyRegistry.builder().bearer().onlyAccessToken());
    assertThat(tokenAnswer().has("token")).isFalse();
  }

  @Test
  void privateRepositoryLooksLikeAnAbsentOne() throws Exception {
    start(FaultyRegistry.builder().bearer().privateRepository(REPOSITORY, "ann"));
    assertThat(get(registry.url() + MANIFEST, bearer()).status()).isEqualTo(401);
    assertThat(get(registry.url() + "/v2/library/absent/manifests/1", bearer()).status())
        .isEqualTo(401);
    assertThat(get(registry.url() + MANIFEST, bearer(basic("ann", "secret"))).status())
        .isEqualTo(200);
    assertThat(registry.credentialsSeenBy(Listener.AUTH)).contains("ann:secret");
    RawClient.Reply wrong = get(registry.authUrl() + "/token", basic("ann", "wrong"));
    assertThat(wrong.status()).isEqualTo(401);
  }

  @Test
  void basicAccountsAreAskedForEachTime() throws Exception {
    start(FaultyRegistry.builder().basic());
    assertThat(get(registry.url() + MANIFEST).head()).contains("WWW-Authenticate: Basic realm=");
    assertThat(get(registry.url() + MANIFEST, basic("ann", "secret")).status()).isEqualTo(200);
    assertThat(get(registry.url() + MANIFEST, basic("ann", "wrong")).status()).isEqualTo(401);
    assertThat(get(registry.url() + MANIFEST, "Authorization: Basic %%%").status()).isEqualTo(401);
  }

  @Test
  void passwordMayBePosted() throws Exception {
    start(FaultyRegistry.builder().bearer().oauth());
    String form = "grant_type=password&username=ann&password=secret&scope=repository:a:pull";
    try (RawClient client = new RawClient(registry.authUrl())) {
      client.request("POST", "/token", "Content-Length: " + form.length(), "Connection: close");
      RawClient.Reply reply = client.send(form).readToEnd();
      assertThat(JSON.readTree(reply.body()).get("access_token").textValue()).endsWith("of-ann");
    }
    assertThat(registry.credentialsSeenBy(Listener.AUTH)).containsExactly(form);
  }

  @Test
  void realmMayBeTheRegistryOrAnything() throws Exception {
    start(FaultyRegistry.builder().bearer().tokensOnRegistry());
    assertThat(get(registry.url() + "/v2/").head())
        .contains("realm=\"" + registry.url() + "/token\"");
    assertThat(get(registry.url() + "/token?service=x").status()).isEqualTo(200);
    registry.close();
    start(FaultyRegistry.builder().bearer().realm("http://a@evil.invalid/token"));
    assertThat(get(registry.url() + "/v2/").head())
        .contains("realm=\"http://a@evil.invalid/token\"");
  }

  @Test
  void accountsHaveTheirOwnPullLimits() throws Exception {
    start(FaultyRegistry.builder().bearer().pullLimit(1));
    String anonymous = bearer();
    String ann = bearer(basic("ann", "secret"));
    assertThat(get(registry.url() + MANIFEST, anonymous).status()).isEqualTo(200);
    assertThat(get(registry.url() + MANIFEST, anonymous).status()).isEqualTo(429);
    assertThat(get(registry.url() + MANIFEST, ann).head()).contains("docker-ratelimit-source: ann");
  }

  private String redirect() throws Exception {
    RawClient.Reply reply =
        get(registry.url() + "/v2/" + REPOSITORY + "/blobs/" + image.layer(0).digest());
    assertThat(reply.status()).isEqualTo(307);
    Matcher location = Pattern.compile("Location: (.*)\r\n").matcher(reply.head());
    assertThat(location.find()).isTrue();
    return location.group(1);
  }

  @Test
  void blobsComeFromTheCdnByAnotherAddressEachTime() throws Exception {
    start(FaultyRegistry.builder().redirectBlobs());
    String first = redirect();
    assertThat(first).startsWith(registry.cdnUrl()).isNotEqualTo(redirect());
    assertThat(get(first).body()).isEqualTo(image.layer(0).bytes());
    assertThat(get(first, "Range: bytes=10-").status()).isEqualTo(206);
    assertThat(registry.count(blobBytes(image.layer(0).digest()))).isEqualTo(2);
    assertThat(registry.count(blobBytes().on(Listener.REGISTRY))).isZero();
    assertThat(registry.bytesSent(image.layer(0).digest())).isEqualTo(1_990);
  }

  @Test
  void headOfABlobIsNotRedirected() throws Exception {
    start(FaultyRegistry.builder().redirectBlobs());
    try (RawClient client = new RawClient(registry.url())) {
      client.request("HEAD", "/v2/" + REPOSITORY + "/blobs/" + image.layer(0).digest());
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void cdnRefusesCredentialsAndRemembersThem() throws Exception {
    start(FaultyRegistry.builder().redirectBlobs());
    assertThat(registry.credentialsSeenBy(Listener.CDN)).isEmpty();
    assertThat(get(redirect(), "Authorization: Bearer leaked").status()).isEqualTo(400);
    assertThat(get(redirect(), "Cookie: crumb").status()).isEqualTo(200);
    assertThat(registry.credentialsSeenBy(Listener.CDN)).containsExactly("Bearer leaked", "crumb");
  }

  @Test
  void cdnAddressesEnd() throws Exception {
    start(
        FaultyRegistry.builder()
            .redirectBlobs()
            .cdnUrlUses(1)
            .cdnUrlLifetime(Duration.ofMinutes(1)));
    String used = redirect();
    assertThat(get(used).status()).isEqualTo(200);
    assertThat(get(used).status()).isEqualTo(403);
    String late = redirect();
    now.set(now.get().plusSeconds(60));
    assertThat(get(late).status()).isEqualTo(403);
    assertThat(get(redirect()).status()).isEqualTo(200);
  }

  @Test
  void cdnAddressMustComeBackAsItWas() throws Exception {
    start(FaultyRegistry.builder().redirectBlobs());
    assertThat(get(redirect().replace("%2F", "/")).status()).isEqualTo(403);
    String bare = redirect();
    assertThat(get(bare.substring(0, bare.indexOf('?'))).status()).isEqualTo(403);
  }

  @Test
  void hubLikeRegistryHasAllOfIt() throws Exception {
    start(FaultyRegistry.likeDockerHub());
    RawClient.Reply reply = get(registry.url() + MANIFEST, bearer());
    assertThat(reply.head()).contains("ratelimit-limit: 100;w=21600");
    assertThat(registry.count(any().on(Listener.AUTH))).isEqualTo(1);
  }
}
