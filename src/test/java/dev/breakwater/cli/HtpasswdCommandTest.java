package dev.breakwater.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.access.Htpasswd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code breakwater htpasswd} as an operator meets it. */
class HtpasswdCommandTest {
  @TempDir private Path directory;
  private Path file;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void name() {
    file = directory.resolve("htpasswd");
  }

  /** Runs it with that standard input. */
  private int run(String input, String... options) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    String[] args =
        Stream.concat(Stream.of("htpasswd", "--cost", "4"), Stream.of(options))
            .toArray(String[]::new);
    InputStream usual = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      return BreakwaterCommand.run(
          new Terminal(new PrintWriter(out), new PrintWriter(err), Map.of()), args);
    } finally {
      System.setIn(usual);
    }
  }

  private int runOnFile(String input, String user) {
    return run(input, file.toString(), user);
  }

  private boolean matches(String user, String password) throws IOException {
    return Htpasswd.parse(Files.readAllBytes(file))
        .hashes()
        .get(user)
        .matches(password.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aUserIsAddedToAFileThatOnlyItsOwnerCanRead() throws IOException {
    assertThat(runOnFile("canary\n", "alice")).isZero();

    assertThat(out.toString()).isEqualToIgnoringNewLines("added \"alice\" in " + file);
    assertThat(matches("alice", "canary")).isTrue();
    assertThat(Files.readString(file)).startsWith("alice:$2y$04$").doesNotContain("canary");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void aChangeLeavesEveryOtherLineAndThePermissionsAlone() throws IOException {
    runOnFile("old", "bob");
    String bob = Files.readString(file).strip();
    Files.writeString(file, "# the team\n" + bob + "\n\ncarol:{SHA}x\nbobby:$2y$x\n" + bob);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    assertThat(runOnFile("new\r\n", "bob")).isZero();

    assertThat(out.toString()).startsWith("changed the password of \"bob\"");
    assertThat(Files.readString(file))
        .matches("# the team\nbob:\\S{60}\n\ncarol:\\{SHA\\}x\nbobby:\\$2y\\$x\n");
    assertThat(matches("bob", "new")).isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void aSymlinkStaysOne() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    runOnFile("a", "alice");

    assertThat(run("b", link.toString(), "bob")).isZero();

    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(matches("bob", "b")).isTrue();
  }

  @Test
  void aUserIsRemoved() throws IOException {
    runOnFile("a", "alice");
    runOnFile("b", "bob");

    assertThat(run("", "--delete", file.toString(), "alice")).isZero();
    assertThat(Htpasswd.parse(Files.readAllBytes(file)).hashes()).containsOnlyKeys("bob");
    assertThat(run("", "--delete", file.toString(), "alice")).isOne();
    assertThat(err.toString()).contains("\"alice\" is not in");
  }

  @Test
  void aCheckNamesTheLinesThatDoNotCount() throws IOException {
    runOnFile("a", "alice");
    assertThat(run("", "--check", file.toString())).isZero();
    Files.writeString(file, Files.readString(file) + "bob:{SHA}canary\n");

    assertThat(run("", "--check", file.toString())).isOne();
    assertThat(out.toString())
        .startsWith("line 2: the hash of \"bob\" is not bcrypt")
        .contains("users: 1, problems: 1")
        .doesNotContain("canary");
  }

  @Test
  void aPasswordIsChecked() {
    runOnFile("right", "alice");

    assertThat(run("right", "--check", file.toString(), "alice")).isZero();
    assertThat(run("wrong", "--check", file.toString(), "alice")).isOne();
    assertThat(run("right", "--check", file.toString(), "bob")).isOne();
  }

  @Test
  void aPasswordInAnArgumentIsRefusedAndNotRepeated() {
    assertThat(run("", file.toString(), "alice", "canary")).isEqualTo(2);

    assertThat(err.toString()).contains("can be read by others").doesNotContain("canary");
    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "a\tb",
        "0123456789012345678901234567890123456789012345678901234567890123456789012"
      })
  void aPasswordThatCannotBeUsedChangesNothing(String password) {
    assertThat(runOnFile(password, "alice")).isOne();

    assertThat(err.toString()).contains("nothing was changed");
    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"anonymous", "@dev", "a:b"})
  void aNameThatCannotBeUsedIsRefused(String name) {
    assertThat(runOnFile("a", name)).isEqualTo(2);
    assertThat(file).doesNotExist();
  }

  @Test
  void wrongUsageIsTold() {
    assertThat(run("", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("the name of the user is missing");
    assertThat(run("", "--check", "--delete", file.toString(), "alice")).isEqualTo(2);
    assertThat(run("", "--cost", "31", file.toString(), "alice")).isEqualTo(2);
  }

  @Test
  void aChangeUnderWayIsNotOverwritten() throws IOException {
    runOnFile("a", "alice");
    Path copy = Files.createFile(directory.resolve("htpasswd.new"));

    assertThat(runOnFile("b", "bob")).isOne();

    assertThat(err.toString()).contains("being changed by another command", copy.toString());
    assertThat(Htpasswd.parse(Files.readAllBytes(file)).hashes()).containsOnlyKeys("alice");
  }
}
