package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ZoneName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins that are fetched: one place for each upstream, and a decision who may use them. */
class CredentialConfigTest {
  private static final ZoneName ECR = new ZoneName("ecr.example.com");

  @TempDir Path directory;

  @Test
  void fileHelperAndRefreshAreRead() throws Exception {
    Path file = Files.writeString(directory.resolve("config.json"), "{}");
    Map<ZoneName, UpstreamConfig> upstreams =
        Loading.file(
                """
                upstreams:
                  ecr.example.com: {access: anonymous, credentialHelper: ecr-login, credentialRefresh: 1h}
                  ghcr.io: {access: anonymous, dockerConfig: "%s"}
                """
                    .formatted(file))
            .config()
            .upstreams();
    assertThat(upstreams.get(ECR).credentials())
        .isEqualTo(
            new CredentialsConfig(Optional.empty(), Optional.of("ecr-login"), Duration.ofHours(1)));
    assertThat(upstreams.get(new ZoneName("ghcr.io")).credentials())
        .isEqualTo(
            new CredentialsConfig(Optional.of(file), Optional.empty(), Duration.ofMinutes(10)));
  }

  @Test
  void variablesAloneDo() {
    Map<String, String> environment =
        Map.of(
            "BREAKWATER_UPSTREAMS_ECR_NAME", "ecr.example.com",
            "BREAKWATER_UPSTREAMS_ECR_ACCESS", "anonymous",
            "BREAKWATER_UPSTREAMS_ECR_CREDENTIAL_HELPER", "ecr-login");
    assertThat(
            Loading.environment(environment).config().upstreams().get(ECR).credentials().helper())
        .contains("ecr-login");
  }

  @Test
  void secondPlaceOfALoginIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("config.json"), "{}");
    assertThat(
            Loading.errorOfFile(
                "upstreams: {a.b: {access: anonymous, credentialHelper: x, accounts: [{username:"
                    + " me, password: hunter2}]}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.a.b.credentialHelper: the login at a.b is already given by"
                + " upstreams.a.b.accounts[0].username; keep one of both");
    assertThat(
            Loading.errorOfFile(
                "upstreams: {a.b: {access: anonymous, credentialHelper: x, dockerConfig: '"
                    + file
                    + "'}}"))
        .endsWith("is already given by upstreams.a.b.dockerConfig; keep one of both");
  }

  @Test
  void missingFileIsNamed() {
    Path file = directory.resolve("missing.json");
    assertThat(
            Loading.errorOfFile(
                "upstreams: {a.b: {access: anonymous, dockerConfig: '" + file + "'}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.a.b.dockerConfig: \""
                + file
                + "\" is not a readable file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"docker-credential-ecr-login", "/usr/bin/helper", "a b", "../x", "-x", ""})
  void nameThatIsNoHelpersIsRefused(String name) {
    assertThat(
            Loading.errorOfFile(
                "upstreams: {a.b: {access: anonymous, credentialHelper: '" + name + "'}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.a.b.credentialHelper: \""
                + name
                + "\" is not the name of a credential helper; write what follows docker-credential-"
                + " in the program's name, for example ecr-login, and have the program in PATH");
  }

  @Test
  void refreshOfZeroIsRefused() {
    assertThat(Loading.errorOfFile("upstreams: {a.b: {credentialRefresh: 0s}}"))
        .contains("upstreams.a.b.credentialRefresh");
  }

  @Test
  void certificateAndItsKeyAreReadTogether() throws Exception {
    Path crt = Files.writeString(directory.resolve("a.crt"), "");
    Path key = Files.writeString(directory.resolve("a.key"), "");
    String both = "clientCertificate: '" + crt + "', clientKey: '" + key + "'";
    assertThat(
            Loading.file("upstreams: {ecr.example.com: {access: anonymous, " + both + "}}")
                .config()
                .upstreams()
                .get(ECR)
                .certificate())
        .contains(new ClientCertificateConfig(crt, key));
    assertThat(
            Loading.errorOfFile(
                "upstreams: {a.b: {access: anonymous, clientCertificate: '" + crt + "'}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.a.b.clientCertificate: there is no clientKey beside it;"
                + " name the file of its private key");
    assertThat(
            Loading.errorOfFile("upstreams: {a.b: {access: anonymous, clientKey: '" + key + "'}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.a.b.clientKey: there is no clientCertificate beside it;"
                + " name the file of its certificate");
    assertThat(
            Loading.errorOfFile(
                "upstreams: {a.b: {access: anonymous, url: 'http://a.b', " + both + "}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.a.b.clientCertificate: the url of a.b is http, where no"
                + " certificate is shown; write https, or remove the key");
    assertThat(
            Loading.errorOfFile(
                "upstreams: {a.b: {access: anonymous, clientCertificate: x.crt, clientKey: '"
                    + key
                    + "'}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.a.b.clientCertificate: \"x.crt\" is not a readable file");
  }

  @Test
  void printedConfigurationNamesTheFileAndNotWhatIsInIt() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("config.json"), "{\"auths\":{\"a.b\":{\"auth\":\"c4nary-s3cret\"}}}");
    String printed =
        Loading.file("upstreams: {a.b: {access: anonymous, dockerConfig: '" + file + "'}}")
            .toYaml();
    assertThat(printed).contains(file.toString()).doesNotContain("c4nary-s3cret");
  }
}
