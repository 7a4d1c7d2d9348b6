package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.breakwater.testing.Eventually;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs docker-credential-NAME, good and bad. */
class CredentialHelperTest {
  private static final String SECRET = "c4nary-s3cret";
  private static final ServerAddress ECR =
      ServerAddress.of(URI.create("https://123456789012.dkr.ecr.eu-central-1.amazonaws.com"));

  @TempDir Path directory;

  @Test
  void loginIsWhatTheProgramPrintsForTheRegistrysAddress() throws Exception {
    HelperScript script = HelperScript.answering(directory, "ecr-login");
    script.answer("AWS", SECRET);
    assertThat(helper(script).get(ECR, List.of())).contains(new Credentials("AWS", SECRET));
    assertThat(script.asked()).isEqualTo("123456789012.dkr.ecr.eu-central-1.amazonaws.com");
    helper(script).get(ServerAddress.of(URI.create("https://registry-1.docker.io")), List.of());
    assertThat(script.asked()).isEqualTo("https://index.docker.io/v1/");
  }

  @Test
  void environmentIsPassedWithoutWhatConfiguresBreakwater() throws Exception {
    HelperScript script =
        HelperScript.in(
            directory,
            "env",
            "printf '{\"Username\":\"%s\",\"Secret\":\"%s\"}' \"$AWS_PROFILE\""
                + " \"x$BREAKWATER_UPSTREAMS_A_ACCOUNTS_0_PASSWORD$REGISTRY_PROXY_PASSWORD\"");
    Map<String, String> environment =
        script.environment(
            "AWS_PROFILE", "production",
            "BREAKWATER_UPSTREAMS_A_ACCOUNTS_0_PASSWORD", SECRET,
            "REGISTRY_PROXY_PASSWORD", SECRET);
    assertThat(new CredentialHelper("env", environment, Duration.ofSeconds(20)).get(ECR, List.of()))
        .contains(new Credentials("production", "x"));
  }

  @Test
  void identityTokenIsToldByItsName() throws Exception {
    HelperScript script = HelperScript.answering(directory, "acr-env");
    script.answer("<token>", SECRET);
    Optional<Credentials> login = helper(script, "acr-env").get(ECR, List.of());
    assertThat(login).contains(Credentials.identityToken(SECRET));
    assertThat(login.orElseThrow().basic()).isEmpty();
  }

  @Test
  void loginThatTheProgramDoesNotHaveIsNone() throws Exception {
    HelperScript script =
        HelperScript.in(
            directory, "ecr-login", "echo credentials not found in native keychain", "exit 1");
    assertThat(helper(script).get(ECR, List.of())).isEmpty();
  }

  @Test
  void errorTextIsRepeatedWithoutSecrets() {
    String token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9abcdefghijklmnop";
    HelperScript script =
        HelperScript.in(
            directory,
            "ecr-login",
            "echo '{\"Username\":\"AWS\",\"Secret\":\"printed-s3cret\"}'",
            "echo \"denied: printed-s3cret $AWS_SECRET_ACCESS_KEY former-s3cret "
                + token
                + " end\" >&2",
            "exit 1");
    Map<String, String> environment = script.environment("AWS_SECRET_ACCESS_KEY", SECRET);
    CredentialHelper helper =
        new CredentialHelper("ecr-login", environment, Duration.ofSeconds(20));
    assertThat(failure(helper, List.of("former-s3cret")))
        .isEqualTo(
            "the credential helper docker-credential-ecr-login ended with exit code 1: \"denied:"
                + " [redacted] [redacted] [redacted] [redacted] end\"");
  }

  @Test
  void secretOfAnAnswerThatIsCutOffIsNotRepeatedFromStandardError() {
    HelperScript script =
        HelperScript.in(
            directory,
            "ecr-login",
            "printf '{\"Username\":\"AWS\",\"Secret\":\"printed-s3cret\"'",
            "echo warning: printed-s3cret expires soon >&2");
    assertThat(failure(helper(script), List.of()))
        .endsWith(": \"warning: [redacted] expires soon\"");
  }

  @Test
  void errorTextOnStandardOutputIsRepeatedToo() {
    HelperScript script = HelperScript.in(directory, "ecr-login", "echo no such profile", "exit 7");
    assertThat(failure(helper(script), List.of()))
        .isEqualTo(
            "the credential helper docker-credential-ecr-login ended with exit code 7: \"no such"
                + " profile\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo c4nary-s3cret | printed no JSON object with Username and Secret for",
        "true | printed no JSON object with Username and Secret for",
        "echo '[]' | printed no JSON object with Username and Secret for",
        "echo '{\"Username\":\"a\",\"Secret\":\"c4nary-s3cret' | printed no JSON object with",
        "echo '{\"Username\":\"AWS\"}' | printed no Secret for",
        "echo '{\"Secret\":\"c4nary-s3cret\"}' | printed no Username for",
        "echo '{\"Username\":\"a:b\",\"Secret\":\"c4nary-s3cret\"}' | printed a login that cannot"
            + " be used: a user name must not be empty or contain ':'",
        "printf '%s' '{\"Username\":\"a\",\"Secret\":\"c4nary-s3cret\\r"
            + "\\n"
            + "X: y\"}' | printed a login that cannot be used: user name and secret must not have"
            + " control characters",
        "head -c 70000 /dev/zero | printed more than 65536 bytes",
        "yes c4nary-s3cret | printed more than 65536 bytes",
      })
  void answerThatIsNoLoginIsRefused(String command, String message) {
    HelperScript script = HelperScript.in(directory, "ecr-login", command);
    assertThat(failure(helper(script), List.of())).contains(message).doesNotContain(SECRET);
  }

  @Test
  void muchTextOnStandardErrorDoesNotStopIt() throws Exception {
    HelperScript script =
        HelperScript.in(
            directory,
            "ecr-login",
            "head -c 300000 /dev/zero >&2",
            "echo '{\"Username\":\"AWS\",\"Secret\":\"x\"}'");
    assertThat(helper(script).get(ECR, List.of())).contains(new Credentials("AWS", "x"));
  }

  @Test
  void programThatDoesNotEndIsKilledWithItsChildren() throws Exception {
    HelperScript script =
        HelperScript.in(
            directory,
            "ecr-login",
            "sleep 600 & echo $! >$dir/child",
            "echo $$ >$dir/self",
            "wait");
    CredentialHelper helper =
        new CredentialHelper("ecr-login", script.environment(), Duration.ofSeconds(2));
    assertThat(failure(helper, List.of()))
        .startsWith(
            "the credential helper docker-credential-ecr-login did not end within 2 s and was"
                + " killed; run it by hand: echo 123456789012.dkr.ecr");
    for (String file : List.of("self", "child")) {
      Path stat = Path.of("/proc", Files.readString(directory.resolve(file)).strip(), "stat");
      Eventually.until("process " + file + " has ended", () -> hasEnded(stat));
    }
  }

  /** Also when no other process has taken its exit code yet. */
  private static boolean hasEnded(Path stat) {
    try {
      return Files.readString(stat).contains(") Z");
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void childThatKeepsTheOutputOpenIsNotWaitedFor() throws Exception {
    HelperScript script =
        HelperScript.in(
            directory,
            "ecr-login",
            "sleep 60 &",
            "echo $! >$dir/child",
            "echo '{\"Username\":\"AWS\",\"Secret\":\"x\"}'");
    try {
      CredentialHelper helper =
          new CredentialHelper("ecr-login", script.environment(), Duration.ofSeconds(30));
      assertThat(helper.get(ECR, List.of())).contains(new Credentials("AWS", "x"));
    } finally {
      ProcessHandle.of(Long.parseLong(Files.readString(directory.resolve("child")).strip()))
          .ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void programThatIsMissingIsNamedWithThePath() {
    CredentialHelper helper =
        new CredentialHelper("absent", Map.of("PATH", "/nowhere:bin"), Duration.ofSeconds(20));
    assertThat(failure(helper, List.of()))
        .isEqualTo(
            "the credential helper docker-credential-absent is in no directory of PATH; install it,"
                + " or correct PATH, which is \"/nowhere:bin\"");
  }

  @Test
  void programThatCannotBeRunIsNamed() throws Exception {
    HelperScript script = HelperScript.answering(directory, "ecr-login");
    Files.writeString(directory.resolve("docker-credential-ecr-login"), "#!/nowhere/shell\n");
    assertThat(failure(helper(script), List.of()))
        .isEqualTo("the credential helper docker-credential-ecr-login cannot be run");
  }

  private static CredentialHelper helper(HelperScript script) {
    return helper(script, "ecr-login");
  }

  private static CredentialHelper helper(HelperScript script, String name) {
    return new CredentialHelper(name, script.environment(), Duration.ofSeconds(20));
  }

  private static String failure(CredentialHelper helper, List<String> secrets) {
    Throwable failure = catchThrowable(() -> helper.get(ECR, secrets));
    assertThat(failure).isInstanceOf(CredentialException.class);
    return String.valueOf(failure.getMessage());
  }
}
