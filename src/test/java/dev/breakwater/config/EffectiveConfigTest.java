package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code config print} shows. */
class EffectiveConfigTest {
  @Test
  void loginOfAProxyIsRedacted() {
    assertThat(Loading.file("upstreams: {docker.io: {proxy: 'http://me:secret@p:3128'}}").toYaml())
        .contains("http://(redacted)@p:3128")
        .doesNotContain("secret", "me:");
  }

  @Test
  void whatIsRedactedIsNotTakenForTheSecretWhenTheOutputIsUsedAsAFile() {
    String printed =
        Loading.file(
                "upstreams: {docker.io: {proxy: 'http://me:secret@p:3128', access: anonymous,"
                    + " accounts: [{username: me, password: hunter2}]}}")
            .toYaml();

    assertThat(Loading.errorOfFile(printed).lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("accounts[0].password: (redacted) stands in for a secret"))
        .anyMatch(line -> line.contains("docker.io.proxy: (redacted) stands in for user"));
  }

  @Test
  void everyValueNamesItsSource() {
    FlagOverrides flags =
        new FlagOverrides(
            Optional.empty(),
            Optional.empty(),
            Optional.of("/data"),
            Optional.empty(),
            List.of("new.example=http://127.0.0.1:1"));
    String yaml =
        ConfigLoader.load(
                Optional.of(new ConfigFile("test.yaml", "cache:\n  tagTtl: 5s\n")),
                Map.of("BREAKWATER_LOG_LEVEL", "debug", "REGISTRY_HTTP_ADDR", ":6000"),
                flags)
            .toYaml();

    assertThat(yaml.lines())
        .containsSubsequence(
            "listeners:",
            "  - address: \":6000\"  # REGISTRY_HTTP_ADDR",
            "    face: both  # default",
            "data:",
            "  directory: /data  # --data",
            "cache:",
            "  maxSize: 80%  # default",
            "  tagTtl: 5s  # test.yaml line 2",
            "upstreams:",
            "  docker.io:",
            "    url: https://registry-1.docker.io  # default",
            "    realms: [auth.docker.io]  # default",
            "  new.example:",
            "    url: http://127.0.0.1:1  # --upstream new.example",
            "log:",
            "  level: debug  # BREAKWATER_LOG_LEVEL");
  }

  @Test
  void secretsAreRedacted() {
    String yaml =
        Loading.environment(
                Map.of(
                    "REGISTRY_PROXY_USERNAME", "me",
                    "REGISTRY_PROXY_PASSWORD", "hunter2",
                    "BREAKWATER_UPSTREAMS_DOCKER_IO_ACCESS", "anonymous"))
            .toYaml();

    assertThat(yaml)
        .contains("      - username: me  # REGISTRY_PROXY_USERNAME")
        .contains("        password: \"(redacted)\"  # REGISTRY_PROXY_PASSWORD")
        .doesNotContain("hunter2");
  }

  @Test
  void printedConfigurationIsAFileThatSaysTheSame() {
    EffectiveConfig loaded =
        Loading.file(
            """
            listeners: [{address: "[::1]:6000", face: mirror}, {address: ":6002"}]
            data: {directory: "a \\"quoted\\" #place: ü\\t"}
            upstreams: {"host:5000": {url: "http://host:5000", mirrors: [http://a, http://b]}}
            """);

    assertThat(Loading.file(loaded.toYaml()).config()).isEqualTo(loaded.config());
  }
}
