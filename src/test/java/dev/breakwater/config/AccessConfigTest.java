package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys below {@code access}. */
class AccessConfigTest {
  @TempDir private Path directory;
  private Path users;

  @BeforeEach
  void write() throws IOException {
    users = Files.writeString(directory.resolve("htpasswd"), "");
  }

  private String with(String more) {
    return "access:\n  htpasswd: " + users + "\n" + more;
  }

  @Test
  void groupsAreReadInTheirOrder() {
    AccessConfig access =
        Loading.file(with("  groups:\n    ops: [carol]\n    dev: [alice, bob]\n"))
            .config()
            .access();

    assertThat(access.htpasswd()).contains(users);
    assertThat(access.groups())
        .containsExactly(
            Map.entry("ops", List.of("carol")), Map.entry("dev", List.of("alice", "bob")));
  }

  @Test
  void variablesSetGroupsOfTheFileAndOfTheirOwn() {
    AccessConfig access =
        Loading.both(
                with("  groups:\n    Dev-Team: [alice]\n"),
                Map.of(
                    "BREAKWATER_ACCESS_GROUPS_DEV_TEAM", "bob",
                    "BREAKWATER_ACCESS_GROUPS_OPS", "carol, dave"))
            .config()
            .access();

    assertThat(access.groups())
        .isEqualTo(Map.of("Dev-Team", List.of("bob"), "ops", List.of("carol", "dave")));
  }

  @Test
  void printedConfigurationCanBeReadAgain() {
    EffectiveConfig config = Loading.file(with("  groups:\n    dev: [alice]\n"));

    assertThat(Loading.file(config.toYaml()).config()).isEqualTo(config.config());
  }

  @Test
  void aFileThatIsNotThereIsRefusedWithTheCommandThatMakesIt() {
    assertThat(Loading.errorOfFile("access:\n  htpasswd: /does/not/exist\n"))
        .isEqualTo(
            "test.yaml line 2: access.htpasswd: the file \"/does/not/exist\" does not exist; make"
                + " it with: breakwater htpasswd /does/not/exist USER");
    assertThat(Loading.errorOfFile("access:\n  htpasswd: " + directory + "\n"))
        .contains("cannot be read");
  }

  @Test
  void groupsWithoutUsersAreRefused() {
    assertThat(Loading.errorOfFile("access:\n  groups:\n    dev: [alice]\n"))
        .startsWith(
            "test.yaml line 3: access.groups: no client can log in without access.htpasswd");
  }

  @Test
  void whatIsNoGroupOrNoUserIsRefused() {
    assertThat(Loading.errorOfFile(with("  groups:\n    \"@dev\": [alice]\n")))
        .contains("\"@dev\" is not the name of a group");
    assertThat(Loading.errorOfFile(with("  groups:\n    dev: [\"@ops\"]\n")))
        .contains("test.yaml line 4: access.groups.dev: \"@ops\" is a group");
    assertThat(Loading.errorOfFile(with("  groups:\n    dev: [\"a:b\"]\n")))
        .contains("\"a:b\" is not the name of a user");
    assertThat(Loading.errorOfFile(with("  groups: [dev]\n"))).contains("expected keys and values");
  }

  @Test
  void aMisspeltKeyIsToldWithWhatIsMeant() {
    assertThat(Loading.errorOfFile("access:\n  htpaswd: x\n")).contains("did you mean htpasswd?");
    assertThat(Loading.errorOfEnvironment("BREAKWATER_ACCESS_HTPASWD", "x"))
        .contains("did you mean BREAKWATER_ACCESS_HTPASSWD?");
  }
}
