package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ZoneName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logins at upstreams: never shown. */
class AccountTest {
  @TempDir Path directory;

  @Test
  void accountOpensNoPrivateRepositoryUnlessTheFileSaysSo() {
    String account = "accounts: [{username: me, password: hunter2}]";
    assertThat(access(account)).isEqualTo(new UpstreamAccessConfig(UpstreamAccess.ANONYMOUS, true));
    assertThat(access("access: anonymous, " + account))
        .isEqualTo(new UpstreamAccessConfig(UpstreamAccess.ANONYMOUS, true));
    assertThat(access("publicOnly: false, " + account))
        .isEqualTo(new UpstreamAccessConfig(UpstreamAccess.ANONYMOUS, false));
    assertThat(Loading.errorOfFile("upstreams: {a.b: {publicOnly: no, " + account + "}}"))
        .isEqualTo("test.yaml line 1: upstreams.a.b.publicOnly: \"no\" is neither true nor false");
  }

  private static UpstreamAccessConfig access(String upstream) {
    return Loading.file("upstreams: {a.b: {" + upstream + "}}")
        .config()
        .upstreams()
        .get(new ZoneName("a.b"))
        .access();
  }

  @Test
  void passwordFileIsReadWithoutItsLineBreak() throws Exception {
    Path file = Files.writeString(directory.resolve("password"), " two words \r\n");

    assertThat(accounts(file))
        .containsExactly(new AccountConfig("me", new Secret(" two words "), Optional.of(file)));
  }

  @Test
  void missingPasswordFileIsNamed() {
    Path file = directory.resolve("missing");

    assertThat(Loading.error(() -> accounts(file)))
        .isEqualTo(
            "test.yaml line 4: upstreams.docker.io.accounts[0].passwordFile: the password file \""
                + file
                + "\" does not exist");
  }

  @Test
  void emptyPasswordFileIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("password"), "\n");

    assertThat(Loading.error(() -> accounts(file))).endsWith("is empty");
  }

  @Test
  void passwordFileThatWasPrintedIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("password"), "(redacted)\n");

    assertThat(Loading.error(() -> accounts(file)))
        .endsWith("holds (redacted) in place of a password");
  }

  @Test
  void directoryIsNoPasswordFile() {
    assertThat(Loading.error(() -> accounts(directory))).endsWith("cannot be read");
  }

  @Test
  void binaryPasswordFileIsRefused() throws Exception {
    Path file = Files.write(directory.resolve("password"), new byte[] {(byte) 0xff});

    assertThat(Loading.error(() -> accounts(file))).endsWith("is not UTF-8 text");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{username: me} | the account of \"me\" has neither password nor passwordFile; write one",
        "{username: me, password: a, passwordFile: b} | the account of \"me\" has both password and"
            + " passwordFile; keep one",
        "{password: hunter2} | the account has no username",
        "{username: 'a:b', password: c} | \"a:b\" is not a user name; it must not be empty or hold"
            + " a colon",
        "{username: me, password: ''} | a secret must not be empty",
        "{username: me, password: (redacted)} | (redacted) stands in for a secret where a"
            + " configuration is printed; write the secret itself, or better name a file with"
            + " passwordFile",
        "{username: me, password: } | there is no value; write one or remove the key",
        "{username: me, password: [hunter2]} | expected one value",
      })
  void incompleteAccountIsRefused(String account, String message) {
    String yaml = "upstreams: {a.b: {access: anonymous, accounts: [" + account + "]}}";
    assertThat(Loading.errorOfFile(yaml)).endsWith(": " + message).doesNotContain("hunter2");
  }

  @Test
  void passwordThatYamlTakesForAnAliasIsNotRepeated() {
    assertThat(
            Loading.errorOfFile(
                "upstreams: {a.b: {accounts: [{username: me, password: *hunter2}]}}"))
        .startsWith("test.yaml line 1: not valid YAML")
        .doesNotContain("hunter2");
  }

  @Test
  void secretIsNeverShown() {
    AccountConfig account = new AccountConfig("me", new Secret("hunter2"));

    assertThat(account.toString()).doesNotContain("hunter2").contains("(redacted)");
    assertThat(account.password().reveal()).isEqualTo("hunter2");
    assertThat(account.password())
        .isEqualTo(new Secret("hunter2"))
        .hasSameHashCodeAs(new Secret("hunter2"))
        .isNotEqualTo(new Secret("hunter3"));
  }

  private static Iterable<AccountConfig> accounts(Path passwordFile) {
    String yaml =
        """
        upstreams:
          docker.io:
            access: anonymous
            accounts: [{username: me, passwordFile: "%s"}]
        """
            .formatted(passwordFile);
    return Loading.file(yaml).config().upstreams().get(ZoneName.DOCKER_HUB).accounts();
  }
}
