package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {
  private static List<Challenge> parse(String... lines) {
    return Challenge.parse(List.of(lines));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", ",", ",,,", "=", "\"", "=\"x\"", "\u0000", "\u00e9", "<script>", "==="})
  void nonsenseIsNoChallenge(String nonsense) {
    assertThat(parse(nonsense)).isEmpty();
  }

  @Test
  void unterminatedQuoteDropsItsParameterAndEndsTheLine() {
    assertThat(parse("Bearer service=\"s\",realm=\"https://evil, Basic realm=\"x\""))
        .containsExactly(
            new Challenge("bearer", Map.of("service", "s", "realm", "https://evil, Basic realm=")));
    assertThat(parse("Bearer service=\"s\",realm=\"https://evil"))
        .containsExactly(new Challenge("bearer", Map.of("service", "s")));
    assertThat(parse("Bearer realm=\"x\\")).containsExactly(new Challenge("bearer", Map.of()));
  }

  @Test
  void challengeInsideAQuotedStringIsNone() {
    assertThat(parse("Basic realm=\"a, Bearer realm=\\\"https://evil\\\"\""))
        .containsExactly(
            new Challenge("basic", Map.of("realm", "a, Bearer realm=\"https://evil\"")));
  }

  @Test
  void firstOfRepeatedParametersCounts() {
    assertThat(parse("Bearer realm=\"https://a\", REALM=\"https://b\""))
        .containsExactly(new Challenge("bearer", Map.of("realm", "https://a")));
  }

  @Test
  void commasInQuotedStringsSeparateNothing() {
    assertThat(
            parse(
                "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
                    + "scope=\"repository:library/redis:pull,push\""))
        .containsExactly(
            new Challenge(
                "bearer",
                Map.of(
                    "realm",
                    "https://auth.docker.io/token",
                    "service",
                    "registry.docker.io",
                    "scope",
                    "repository:library/redis:pull,push")));
  }

  @Test
  void severalChallengesInOneLineAndInSeveral() {
    assertThat(
            parse(
                "Negotiate, NTLM abc==, Basic realm=\"x\", charset=\"UTF-8\", Bearer realm=y",
                "Digest qop=\"auth, auth-int\""))
        .containsExactly(
            new Challenge("negotiate", Map.of()),
            new Challenge("ntlm", Map.of()),
            new Challenge("basic", Map.of("realm", "x", "charset", "UTF-8")),
            new Challenge("bearer", Map.of("realm", "y")),
            new Challenge("digest", Map.of("qop", "auth, auth-int")));
  }

  @Test
  void unquotedRealmAndSpacesAroundEqualsAreUnderstood() {
    assertThat(parse("bearer realm = https://r.test/token , service=s"))
        .containsExactly(
            new Challenge("bearer", Map.of("realm", "https://r.test/token", "service", "s")));
  }

  @Test
  void emptyQuotedValueIsAValue() {
    assertThat(parse("Basic realm=\"\""))
        .containsExactly(new Challenge("basic", Map.of("realm", "")));
  }

  @Property(tries = 500)
  void whatWasRenderedIsRead(@ForAll("challenges") List<Challenge> challenges) {
    StringBuilder line = new StringBuilder();
    for (Challenge challenge : challenges) {
      line.append(line.isEmpty() ? "" : ", ").append(challenge.scheme());
      String separator = " ";
      for (Map.Entry<String, String> parameter : challenge.parameters().entrySet()) {
        line.append(separator)
            .append(parameter.getKey())
            .append("=\"")
            .append(parameter.getValue().replace("\\", "\\\\").replace("\"", "\\\""))
            .append('"');
        separator = ", ";
      }
    }
    assertThat(parse(line.toString())).isEqualTo(challenges);
  }

  @Property(tries = 2000)
  void nothingMakesItFail(@ForAll("headers") String text) {
    for (Challenge challenge : parse(text)) {
      assertThat(challenge.scheme()).isNotEmpty();
    }
  }

  @Provide
  Arbitrary<List<Challenge>> challenges() {
    Arbitrary<String> names = Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(8);
    Arbitrary<String> lower = names.map(name -> name.toLowerCase(java.util.Locale.ROOT));
    Arbitrary<String> values = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(20);
    Arbitrary<Map<String, String>> parameters =
        Arbitraries.maps(lower, values).ofMinSize(1).ofMaxSize(4);
    return Combinators.combine(lower, parameters).as(Challenge::new).list().ofMaxSize(4);
  }

  @Provide
  Arbitrary<String> headers() {
    return Arbitraries.strings().withChars("ab=\",\\ \t:/é\u0000").ofMaxLength(40);
  }
}
