package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.RepositoryName;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small texts of others that the client reads. */
class WireFormatsTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{}",
        "{\"token\":\"\"}",
        "{\"token\":7}",
        "{\"token\":\"a\\r\\nX-Evil: 1\"}",
        "{\"token\":\"a b\"}",
        "{\"token\":\"é\"}",
        "<html>"
      })
  void answerWithoutUsableTokenHasNone(String body) {
    assertThat(Token.parse(bytes(body))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "300,PT4M30S",
    "60,PT30S",
    "59,PT29.5S",
    "10,PT5S",
    "0,PT30S",
    "-5,PT30S",
    "9223372036854775807,PT59M30S",
    "1e40,PT30S",
    "\"300\",PT30S"
  })
  void tokensAreUsedForLessThanTheyAreValid(String expiresIn, Duration lifetime) {
    Token token =
        Token.parse(bytes("{\"token\":\"t\",\"expires_in\":" + expiresIn + "}")).orElseThrow();
    assertThat(token.lifetime()).isEqualTo(lifetime);
  }

  @Test
  void tokenWithoutLifetimeIsTakenForAMinute() {
    assertThat(Token.parse(bytes("{\"access_token\":\"t\"}")))
        .contains(new Token(Authorization.bearer("t"), Duration.ofSeconds(30)));
  }

  @ParameterizedTest
  @CsvSource({
    "0,PT0S",
    "120,PT2M",
    "99999999999999999,PT24H",
    "'Sat, 21 Nov 2026 12:00:30 GMT',PT30S",
    "'Sat, 21 Nov 2026 11:00:00 GMT',PT0S",
    "'Wed, 21 Nov 2029 11:00:00 GMT',PT24H"
  })
  void retryAfterIsSecondsOrADate(String header, Duration expected) {
    assertThat(RetryAfter.parse(header, UpstreamClient.NOW)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1.5", "1e3", "Sat, 99 Nov 2026 12:00:30 GMT"})
  void otherRetryAfterIsNone(String header) {
    assertThat(RetryAfter.parse(header, UpstreamClient.NOW)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "</v2/a/tags/list?last=x&n=2>; rel=\"next\" | /v2/a/tags/list?last=x&n=2",
        "</p>;rel=next | /p",
        "</first>; rel=\"first\", </second>; title=\"x\"; rel=\"next\" | /second",
        "<https://r.test/p>; REL=\"NEXT\" | https://r.test/p"
      })
  void nextPageIsFound(String header, String expected) {
    assertThat(NextPage.in(List.of(header))).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "<", "</p>", "</p>; rel=\"prev\"", "</p; rel=next", "</p>; rel=nextpage"})
  void otherLinksAreNoNextPage(String header) {
    assertThat(NextPage.in(List.of(header))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"errors\":[]}", "{\"errors\":{}}", "<html>", "[1]"})
  void bodyThatIsNoErrorSaysNothing(String body) {
    assertThat(OciErrors.describe(bytes(body), List.of())).isEmpty();
  }

  @Test
  void errorIsQuotedWithoutSecretsAndSignatures() {
    String body =
        """
        {"errors":[{"code":"DENIED","message":"no \\u001b[31m %s for s3cret at https://x/y?X-Sig=1 ok"}]}
        """
            .formatted("t0ken");
    assertThat(OciErrors.describe(bytes(body), List.of("s3cret", "t0ken", "")))
        .isEqualTo(" (DENIED \"no \\u001b[31m [redacted] for [redacted] at https://x/y? ok\")");
  }

  @Test
  void longErrorIsCut() {
    String body = "{\"errors\":[{\"code\":\"X\",\"message\":\"" + "a".repeat(5000) + "\"}]}";
    assertThat(OciErrors.describe(bytes(body), List.of())).hasSizeLessThan(200);
  }

  @Test
  void challengeCannotTalkUsIntoMoreThanPulling() {
    Challenge challenge =
        new Challenge(
            "bearer",
            Map.of(
                "scope",
                "repository:a/b:pull,push,delete  repository:a/b:* aws",
                "service",
                "a b&c=d"));
    Target realm = Target.of(URI.create("https://r.test/token?x=y")).orElseThrow();
    TokenRequest request = TokenRequest.of(challenge, realm, RepositoryName.parse("a/b"));
    assertThat(request.scopes()).containsExactly("repository:a/b:pull", "aws");
    assertThat(request.target().url())
        .isEqualTo(
            "https://r.test/token?x=y&service=a+b%26c%3Dd&scope=repository%3Aa%2Fb%3Apull"
                + "&scope=aws");
  }

  @Test
  void challengeWithoutScopeMeansPullingTheRepository() {
    Target realm = Target.of(URI.create("https://r.test/token")).orElseThrow();
    TokenRequest request =
        TokenRequest.of(new Challenge("bearer", Map.of()), realm, RepositoryName.parse("a/b"));
    assertThat(request.target().requestUri()).isEqualTo("/token?scope=repository%3Aa%2Fb%3Apull");
  }

  @Test
  void secretsAreNotPrinted() {
    Credentials credentials = new Credentials("user", "s3cret");
    assertThat(credentials.toString()).doesNotContain("s3cret").doesNotContain("user");
    assertThat(Authorization.basic(credentials).toString()).doesNotContain(credentials.encoded());
    UpstreamSettings settings =
        UpstreamClient.of("https://r.test")
            .account("user", "s3cret")
            .proxy("http://me:s3cret@proxy.test:3128")
            .settings();
    assertThat(settings.toString()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry.test",
        "ftp://registry.test",
        "https://me:s3cret@registry.test",
        "https://registry.test?x",
        "https://registry.test#s3cret",
        "https:///v2"
      })
  void unusableAddressIsRefusedWithoutRepeatingIt(String url) {
    assertThatThrownBy(() -> UpstreamClient.of(url).settings())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("upstreams.faulty.test.url")
        .hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "100;w=21600|100|PT6H",
        " 0 ; w=60|0|PT1M",
        "100|100|",
        "100, 100;w=60|100|PT1M",
        "100;w=0|100|",
        "100;w=x|100|"
      })
  void rateLimitIsANumberAndItsWindow(String header, long count, Duration window) {
    assertThat(RateLimit.parse(header)).contains(new RateLimit(count, Optional.ofNullable(window)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1;w=60", "many", "1e9", "99999999999999999999;w=60", "100\u0000"})
  void whatIsNoRateLimitSaysNothing(String header) {
    assertThat(RateLimit.parse(header)).isEmpty();
  }
}
