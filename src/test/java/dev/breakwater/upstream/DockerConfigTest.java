package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of docker's config.json, without running a credential helper. */
class DockerConfigTest {
  private static final String SECRET = "c4nary-s3cret";
  private static final Credentials ALICE = new Credentials("alice", SECRET);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "https://registry-1.docker.io, https://index.docker.io/v1/",
    "https://registry-1.docker.io, docker.io",
    "https://registry-1.docker.io, https://docker.io",
    "https://ghcr.io, ghcr.io",
    "https://ghcr.io, GHCR.io",
    "https://ghcr.io, ghcr.io:443",
    "https://ghcr.io, https://ghcr.io",
    "https://ghcr.io, https://ghcr.io/",
    "https://ghcr.io, https://ghcr.io/v2/",
    "https://ghcr.io, http://ghcr.io/v1",
    "https://ghcr.io:8443/prefix, ghcr.io:8443",
    "http://10.0.0.1:5000, 10.0.0.1:5000",
  })
  void loginIsFoundUnderTheNamesThatDockerWrites(String url, String key) throws Exception {
    assertThat(login(url, auths(key, auth("alice:" + SECRET)))).contains(ALICE);
  }

  @ParameterizedTest
  @CsvSource({
    "https://mirror.example.com, https://index.docker.io/v1/",
    "https://ghcr.io, ghcr.io.example.com",
    "https://ghcr.io, example.com/ghcr.io",
    "https://ghcr.io, ghcr.io/organization",
    "https://ghcr.io, ghcr.io:8443",
    "https://registry-1.docker.io, https://index.docker.io/v1/access-token",
  })
  void loginOfAnotherPlaceIsNotUsed(String url, String key) throws Exception {
    assertThat(login(url, auths(key, auth("alice:" + SECRET)))).isEmpty();
  }

  @Test
  void exactNameCountsBeforeOthers() throws Exception {
    String json =
        "{\"auths\":{\"docker.io\":{\"auth\":\"%s\"},\"https://index.docker.io/v1/\":{\"auth\":\"%s\"}}}"
            .formatted(base64("bob:x"), base64("alice:" + SECRET));
    assertThat(login("https://registry-1.docker.io", json)).contains(ALICE);
  }

  @Test
  void passwordMayHoldColons() throws Exception {
    assertThat(login("https://ghcr.io", auths("ghcr.io", auth("alice:a:b:"))))
        .contains(new Credentials("alice", "a:b:"));
  }

  @Test
  void zeroBytesThatDockerAppendsAreNotOfThePassword() throws Exception {
    assertThat(login("https://ghcr.io", auths("ghcr.io", auth("alice:" + SECRET + "\0\0"))))
        .contains(ALICE);
  }

  @Test
  void nameAndPasswordMayStandThereInClear() throws Exception {
    String entry = "{\"username\":\"alice\",\"password\":\"" + SECRET + "\"}";
    assertThat(login("https://ghcr.io", auths("ghcr.io", entry))).contains(ALICE);
  }

  @Test
  void identityTokenCountsBeforeTheNameBesideIt() throws Exception {
    String entry = "{\"auth\":\"%s\",\"identitytoken\":\"%s\"}".formatted(base64("alice:"), SECRET);
    assertThat(login("https://ghcr.io", auths("ghcr.io", entry)))
        .contains(Credentials.identityToken(SECRET));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{}", "{\"auth\":\"\"}", "{\"auth\":null}", "{\"email\":\"a@b\"}", "null"})
  void entryWithoutALoginIsNone(String entry) throws Exception {
    String json = entry.isEmpty() ? "{}" : auths("ghcr.io", entry);
    assertThat(login("https://ghcr.io", json)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"c4nary-s3cret!", "YWxpY2U=", "OmM0bmFyeS1zM2NyZXQ=", "YWxpY2U6YQpi"})
  void authThatIsNoneIsRefusedWithoutItsText(String auth) {
    assertThat(
            failure(
                () -> login("https://ghcr.io", auths("ghcr.io", "{\"auth\":\"" + auth + "\"}"))))
        .isEqualTo(
            "the file has a login for \"ghcr.io\" that cannot be used: its auth must be base64 of"
                + " USER:PASSWORD, without control characters; write it anew with docker login");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "c4nary-s3cret",
        "[]",
        "{\"auths\":{\"ghcr.io\":{\"auth\":\"c4nary-s3cret",
        "{\"auths\":{\"ghcr.io\":{\"auth\":c4nary-s3cret}}}",
        "{\"auths\":{},\"auths\":{}}"
      })
  void whatIsNoJsonIsRefusedWithoutItsText(String json) {
    assertThat(failure(() -> parse(json)))
        .startsWith("the file is not valid JSON")
        .endsWith("write it anew with docker login")
        .doesNotContain(SECRET);
  }

  @Test
  void storesAndHelpersAreRead() throws Exception {
    DockerConfig config =
        parse("{\"credsStore\":\"pass\",\"credHelpers\":{\"ghcr.io\":\"gh\",\"a.b\":7},\"x\":[]}");
    assertThat(config.store()).contains("pass");
    assertThat(config.helperOf(server("https://ghcr.io"))).contains("gh");
    assertThat(config.helperOf(server("https://quay.io"))).isEmpty();
    assertThat(config.helperOf(server("https://a.b"))).isEmpty();
  }

  @Test
  void textOfTheRecordsHasNoSecrets() throws Exception {
    String json = auths("ghcr.io", auth("alice:" + SECRET));
    assertThat(parse(json).toString()).doesNotContain(SECRET, base64("alice:" + SECRET));
  }

  @Test
  void fileThatIsMissingOrHasNoLoginIsNamed() throws Exception {
    Path file = directory.resolve("config.json");
    assertThat(failure(() -> loader(file).verify()))
        .isEqualTo("the docker configuration \"" + file + "\" does not exist");
    Files.writeString(file, auths("quay.io", auth("alice:" + SECRET)));
    assertThat(failure(() -> loader(file).verify()))
        .isEqualTo(
            "the docker configuration \""
                + file
                + "\" has no login for \"ghcr.io\"; write one with docker login ghcr.io or remove"
                + " the key");
    assertThat(failure(() -> loader(directory).verify())).endsWith("is no file of at most 1 MiB");
  }

  @Test
  void helperThatIsNotInstalledIsNamed() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("config.json"), "{\"credHelpers\":{\"ghcr.io\":\"absent\"}}");
    assertThat(failure(() -> loader(file).verify()))
        .startsWith(
            "the credential helper docker-credential-absent is in no directory of PATH; install"
                + " it");
  }

  @Test
  void helperThatIsNamedLikeAPathIsNotRun() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("config.json"), "{\"credHelpers\":{\"ghcr.io\":\"../../x\"}}");
    assertThat(failure(() -> loader(file).verify()))
        .startsWith("\"../../x\" is not the name of a credential helper; write what follows");
  }

  @Test
  void fileIsReadAgainWhenItHasChanged() throws Exception {
    Path file = Files.writeString(directory.resolve("config.json"), auths("ghcr.io", auth("a:1")));
    DockerConfigLogin loader = loader(file);
    assertThat(loader.load(false)).contains(new Credentials("a", "1"));
    Files.writeString(file, auths("ghcr.io", auth("a:longer")));
    assertThat(loader.load(false)).contains(new Credentials("a", "longer"));
    Path other =
        Files.writeString(directory.resolve("other.json"), auths("ghcr.io", auth("b:longer")));
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(loader.load(false)).contains(new Credentials("b", "longer"));
    Files.writeString(file, "{}");
    assertThat(loader.load(false)).isEmpty();
  }

  private DockerConfigLogin loader(Path file) {
    ServerAddress server = server("https://ghcr.io");
    return new DockerConfigLogin(
        file, server, new HelperLogins(server, Map.of("PATH", "/nowhere"), Duration.ZERO, () -> 0));
  }

  private static Optional<Credentials> login(String url, String json) throws CredentialException {
    return parse(json).loginOf(server(url));
  }

  private static DockerConfig parse(String json) throws CredentialException {
    return DockerConfig.parse("the file", json.getBytes(StandardCharsets.UTF_8));
  }

  private static ServerAddress server(String url) {
    return ServerAddress.of(URI.create(url));
  }

  private static String auths(String key, String entry) {
    return "{\"auths\":{\"" + key + "\":" + entry + "}}";
  }

  private static String auth(String pair) {
    return "{\"auth\":\"" + base64(pair) + "\"}";
  }

  private static String base64(String pair) {
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static String failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    Throwable failure = catchThrowable(call);
    assertThat(failure).isInstanceOf(CredentialException.class);
    return String.valueOf(failure.getMessage());
  }
}
