package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminConfigTest {
  private static final String TOKEN = "0123456789abcdef";

  @TempDir Path directory;

  private static String error(String admin) {
    return Loading.errorOfFile("admin: {" + admin + "}");
  }

  private Path file(String text) throws Exception {
    return Files.writeString(directory.resolve("token"), text);
  }

  @Test
  void tokenComesFromAFile() throws Exception {
    AdminConfig admin =
        Loading.file("admin: {address: ':5001', tokenFile: " + file(TOKEN + "\n") + "}")
            .config()
            .admin();
    assertThat(admin.token()).contains(new Secret(TOKEN));
    assertThat(admin.toString()).doesNotContain(TOKEN);
  }

  @Test
  void tokenIsNotPrinted() {
    assertThat(Loading.file("admin: {token: " + TOKEN + "x}").toYaml()).doesNotContain(TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "0123456789abcde", "0123456789 abcdef", "0123456789abcdefé"})
  void tokenThatCouldBeGuessedOrNotBeSentIsRefused(String token) throws Exception {
    String error = error("tokenFile: " + file(token));
    assertThat(error)
        .startsWith("test.yaml line 1: admin.tokenFile: the token file \"")
        .endsWith("; make one with: openssl rand -hex 32")
        .hasLineCount(1);
    if (!token.isEmpty()) {
      assertThat(error).doesNotContain(token);
      assertThat(error("token: '" + token + "'"))
          .startsWith("test.yaml line 1: admin.token: the token has ")
          .doesNotContain(token);
    }
  }

  @Test
  void tokenFileThatIsNotThereIsNamed() {
    assertThat(error("address: ':5001', tokenFile: /no/such/file"))
        .startsWith(
            "test.yaml line 1: admin.tokenFile: the token file \"/no/such/file\" does not exist")
        .hasLineCount(1);
  }

  @Test
  void twoTokensAndATokenBesideConsentAreRefused() throws Exception {
    Path file = file(TOKEN);
    assertThat(error("token: " + TOKEN + "x, tokenFile: " + file))
        .isEqualTo(
            "test.yaml line 1: admin.tokenFile: there is admin.token as well; keep one of them");
    assertThat(error("anonymous: true, tokenFile: " + file))
        .startsWith("test.yaml line 1: admin.anonymous: it says that no token is needed");
  }

  @Test
  void hostsAreNamesWithoutPort() {
    assertThat(
            Loading.file("admin: {hosts: [Mirror.example.com, breakwater]}")
                .config()
                .admin()
                .hosts())
        .containsExactly("mirror.example.com", "breakwater");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mirror:5001", "http://mirror", "*", "*.example.com", "a b", ".", "a/b"})
  void whatIsNoNameOfAHostIsRefused(String host) {
    assertThat(error("hosts: ['" + host + "']"))
        .startsWith("test.yaml line 1: admin.hosts: \"" + host + "\" is not a host name; write")
        .hasLineCount(1);
  }
}
