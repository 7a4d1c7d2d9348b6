package dev.breakwater.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.access.ClientCredentials.Malformed;
import dev.breakwater.access.ClientCredentials.Password;
import dev.breakwater.access.ClientCredentials.Token;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientCredentialsTest {
  private static String basic(String text) {
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Property
  void whatIsPrintableComesBack(
      @ForAll @NotEmpty @CharRange(from = ';', to = '\u2fff') String user,
      @ForAll @CharRange(from = ' ', to = '~') String password) {
    if (user.indexOf('\u007f') < 0) {
      assertThat(ClientCredentials.parse(basic(user + ":" + password)))
          .isEqualTo(new Password(user, password));
    }
  }

  @Property
  void anyTextCanBeRead(@ForAll String text) {
    assertThat(ClientCredentials.parse(text)).isNotNull();
    assertThat(ClientCredentials.parse("Basic " + text)).isNotNull();
    assertThat(ClientCredentials.parse("Bearer " + text)).isNotNull();
  }

  @Property
  void anyEncodedBytesCanBeRead(@ForAll byte[] bytes) {
    ClientCredentials.parse("Basic " + Base64.getEncoder().encodeToString(bytes));
  }

  @Example
  void theSchemeMayBeWrittenInAnyCaseAndFollowedBySpaces() {
    assertThat(ClientCredentials.parse(basic("a:b").replace("Basic ", "bASIC   ")))
        .isEqualTo(new Password("a", "b"));
    assertThat(ClientCredentials.parse("bearer a.b-c_d~e+f/g=="))
        .isEqualTo(new Token("a.b-c_d~e+f/g=="));
  }

  @Example
  void aPasswordMayHaveColons() {
    assertThat(ClientCredentials.parse(basic("a:b:c:"))).isEqualTo(new Password("a", "b:c:"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Basic",
        "Basic ",
        "Basic Y2FuYXJ5",
        "Basic OmNhbmFyeQ==",
        "Basic canary!",
        "Basic YTpj//8=",
        "Basic YQBjYW5hcnk6Yg==",
        "Basic YTpiDQo=",
        "Bearer",
        "Bearer ",
        "Bearer canary canary",
        "Bearer canary\"",
        "Digest username=\"canary\"",
        "AWS4-HMAC-SHA256 Credential=canary",
        "Basiccanary",
        "canary"
      })
  void everyWrongShapeIsToldWithoutQuotingIt(String value) {
    assertThat(ClientCredentials.parse(value))
        .isInstanceOfSatisfying(
            Malformed.class,
            malformed ->
                assertThat(malformed.problem())
                    .contains("Authorization")
                    .doesNotContainIgnoringCase("canary"));
  }

  @Example
  void anOversizedOneIsNotLookedAt() {
    assertThat(ClientCredentials.parse(basic("a:" + "b".repeat(ClientCredentials.LONGEST))))
        .isInstanceOf(Malformed.class);
  }

  @Example
  void printedCredentialsTellNothing() {
    assertThat(new Password("user", "canary").toString()).doesNotContain("canary", "user");
    assertThat(new Token("canary").toString()).doesNotContain("canary");
  }
}
