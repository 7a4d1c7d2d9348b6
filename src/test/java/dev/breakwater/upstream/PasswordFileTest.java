package dev.breakwater.upstream;

import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.Eventually;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FreePort;
import dev.breakwater.testing.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A password that is changed while Breakwater runs. */
class PasswordFileTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String OLD = "c4nary-old";
  private static final String NEW = "c4nary-new";

  private final TestImage image = TestImage.docker().layer(1000).build();
  private final int port = FreePort.onLoopback();

  @TempDir Path directory;
  private Path file;

  /** As Kubernetes mounts a secret: file, link, link to the directory of this generation. */
  @BeforeEach
  void mount() throws Exception {
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..1"));
    file = Files.createSymbolicLink(directory.resolve("password"), Path.of("..data", "password"));
    write("..1", OLD + "\n");
  }

  private void write(String generation, String text) throws Exception {
    Files.createDirectories(directory.resolve(generation));
    Files.writeString(directory.resolve(generation).resolve("password"), text);
  }

  private void swap(String generation, String text) throws Exception {
    write(generation, text);
    Path link = Files.createSymbolicLink(directory.resolve("..tmp"), Path.of(generation));
    Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  private FaultyRegistry start(String password) {
    return FaultyRegistry.builder()
        .port(port)
        .basic()
        .account("alice", password)
        .privateRepository(NGINX.value(), "alice")
        .start()
        .put(NGINX.value(), TAG.value(), image);
  }

  private UpstreamClient client(FaultyRegistry upstream) {
    return UpstreamClient.of(upstream).account("alice", OLD, file).build();
  }

  private void assertPulls(UpstreamClient client) {
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  @Test
  void passwordThatWasSwappedIsUsedAndNoCallFails() throws Exception {
    UpstreamClient client;
    try (FaultyRegistry upstream = start(OLD)) {
      client = client(upstream);
      assertPulls(client);
    }
    try (client;
        CapturedLog log = CapturedLog.of(PasswordFile.class);
        FaultyRegistry upstream = start(NEW)) {
      swap("..2", NEW + "\n");
      assertPulls(client);
      assertPulls(client);
      assertThat(upstream.count(manifest().get())).isEqualTo(2);
      assertThat(client.registry().report(false).accounts().getFirst().suspended()).isFalse();
      assertThat(log.lines())
          .containsExactly(
              "INFO [faulty.test] the password file "
                  + file
                  + " has changed: alice logs in with the new password");
    }
  }

  @Test
  void newPasswordIsNoticedAlthoughTheOldOneIsStillGood() throws Exception {
    try (CapturedLog log = CapturedLog.of(PasswordFile.class);
        FaultyRegistry upstream = start(OLD);
        UpstreamClient client = client(upstream)) {
      swap("..2", OLD + "-next");
      client.skip(Duration.ofSeconds(10));
      assertPulls(client);
      Eventually.until("it is read again", () -> log.lines().size() == 1);
    }
  }

  @Test
  void badFileKeepsTheOldPasswordAndIsLoggedOncePerChange() throws Exception {
    try (CapturedLog log = CapturedLog.of(RenewedCredentials.class);
        FaultyRegistry upstream = start(OLD);
        UpstreamClient client = client(upstream)) {
      swap("..2", "");
      for (int i = 1; i <= 3; i++) {
        client.skip(Duration.ofSeconds(30));
        assertPulls(client);
        Eventually.until("it was read", () -> !log.lines().isEmpty());
      }
      assertThat(log.lines()).hasSize(1);
      Files.delete(file);
      Eventually.until(
          "the next change is logged",
          () -> {
            client.skip(Duration.ofSeconds(30));
            assertPulls(client);
            return log.lines().size() == 2;
          });
      assertThat(log.lines().getFirst())
          .startsWith("WARN [faulty.test] the login of alice cannot be renewed, the one of ")
          .endsWith(
              " s ago is used on: the password file \""
                  + file
                  + "\" is empty; write the password into it");
      assertThat(log.lines().getLast())
          .endsWith(
              "the password file \"" + file + "\" does not exist; write the password into it");
      assertThat(log.lines().toString()).doesNotContain("c4nary");
    }
  }

  @Test
  void wrongPasswordIsRefusedWithoutAskingAgainAndAgain() throws Exception {
    try (FaultyRegistry upstream = start(NEW);
        UpstreamClient client = client(upstream)) {
      for (int i = 0; i < 3; i++) {
        assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
            .isEqualTo(UpstreamOutcome.UNAUTHORIZED);
      }
      assertThat(client.registry().report(false).accounts().getFirst().suspended()).isTrue();
      swap("..2", NEW);
      client.skip(Duration.ofMinutes(5));
      assertPulls(client);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | is empty; write the password into it",
        "(redacted) | holds (redacted) in place of a password; write the password into it",
        "'two\nlines' | has control characters; write the password alone into it, on one line",
      })
  void textThatIsNoPasswordIsNamedWithTheRemedy(String text, String problem) throws Exception {
    PasswordFile loader = new PasswordFile("ghcr.io", new Credentials("alice", OLD), file);
    assertThat(loader.load(false)).contains(new Credentials("alice", OLD));
    swap("..2", text);
    assertThat(failure(loader)).isEqualTo("the password file \"" + file + "\" " + problem);
  }

  @Test
  void bytesThatAreNoTextAndDirectoriesAreNamedWithTheRemedy() throws Exception {
    PasswordFile loader = new PasswordFile("ghcr.io", new Credentials("alice", OLD), file);
    Files.write(directory.resolve("..1").resolve("password"), new byte[] {(byte) 0xff});
    assertThat(failure(loader)).endsWith(" is not UTF-8 text; write the password alone into it");
    Files.delete(file);
    Files.createDirectory(file);
    assertThat(failure(loader))
        .endsWith(" is no file of at most 64 KiB; write the password alone into it");
  }

  private static String failure(PasswordFile loader) {
    Throwable failure = catchThrowable(() -> loader.load(false));
    assertThat(failure).isInstanceOf(CredentialException.class);
    return String.valueOf(failure.getMessage());
  }
}
