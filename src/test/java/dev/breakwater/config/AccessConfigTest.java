package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Action;
import dev.breakwater.oci.ZoneName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static final String RULE =
      """
        groups: {dev: [alice]}
        rules:
          - who: [bob, "@dev"]
            registries: [ghcr.io]
            repositories: ["team/*"]
            actions: [pull, push]
          - {who: [anonymous], repositories: ["*"], actions: [pull]}
      """;

  @Test
  void rulesAreRead() {
    EffectiveConfig config = Loading.file(with(RULE));

    List<AccessRule> rules = config.config().access().rules();
    assertThat(rules).hasSize(2);
    assertThat(rules.getFirst().who()).containsExactly("bob", "@dev");
    assertThat(rules.getFirst().registries()).containsExactly(new ZoneName("ghcr.io"));
    assertThat(rules.getFirst().actions()).containsExactly(Action.PULL, Action.PUSH);
    assertThat(rules.getLast().registries()).isEmpty();
    assertThat(Loading.file(config.toYaml()).config()).isEqualTo(config.config());
  }

  @Test
  void rulesForClientsWithoutALoginNeedNoUsers() {
    assertThat(
            Loading.file(
                    "access: {rules: [{who: [anonymous], repositories: [a/*], actions: [pull]}]}")
                .config()
                .access()
                .rules())
        .hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "who: [bob, \"@dev\"] | who: [\"@deb\"] | access.rules[0].who: \"@deb\" is not a group; did"
            + " you mean @dev?",
        "who: [bob, \"@dev\"] | who: [] | access.rules[0].who: the rule has no who; write for"
            + " example anonymous, authenticated, a user or a @group",
        "registries: [ghcr.io] | registries: [ghcr.oi] | access.rules[0].registries: \"ghcr.oi\" is"
            + " not an upstream; did you mean ghcr.io?",
        "[\"team/*\"] | [\"ghcr.io/team/*\"] | access.rules[0].repositories: \"ghcr.io/team/*\""
            + " begins with the name of a registry; write team/* and registries: [ghcr.io]",
        "actions: [pull, push] | actions: [read] | access.rules[0].actions: \"read\" is not one of"
            + " pull, push, delete",
        "actions: [pull, push] | action: [pull] | unknown key access.rules[0].action; did you mean"
            + " actions?",
        "actions: [pull, push] | registries: [ghcr.io] | access.rules[0].registries: the key is"
            + " there twice"
      })
  void whatARuleCannotMeanIsRefused(String good, String bad, String message) {
    assertThat(Loading.errorOfFile(with(RULE.replace(good, bad)))).contains(message);
  }

  @Test
  void aRuleWithoutActionsIsRefused() {
    assertThat(Loading.errorOfFile("access: {rules: [{who: [anonymous], repositories: [a]}]}"))
        .contains("access.rules[0]: the rule has no actions; write for example pull");
  }
}
