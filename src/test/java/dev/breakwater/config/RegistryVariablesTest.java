package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ZoneName;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What people who run {@code registry:2} as a mirror have in their compose files. */
class RegistryVariablesTest {
  @Test
  void theOnesOfAMirrorAreUnderstood() {
    EffectiveConfig loaded =
        Loading.environment(
            Map.of(
                "REGISTRY_PROXY_REMOTEURL", "https://hub.example.com",
                "REGISTRY_PROXY_USERNAME", "me",
                "REGISTRY_PROXY_PASSWORD", "hunter2",
                "REGISTRY_HTTP_ADDR", ":6000",
                "REGISTRY_HTTP_DEBUG_ADDR", "127.0.0.1:6001",
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/var/lib/registry",
                "REGISTRY_LOG_LEVEL", "warning",
                "BREAKWATER_UPSTREAMS_DOCKER_IO_ACCESS", "anonymous"));

    Config config = loaded.config();
    UpstreamConfig hub = config.upstreams().get(ZoneName.DOCKER_HUB);
    assertThat(loaded.warnings()).isEmpty();
    assertThat(hub.url()).isEqualTo(URI.create("https://hub.example.com"));
    assertThat(hub.accounts()).containsExactly(new AccountConfig("me", new Secret("hunter2")));
    assertThat(config.listeners().getFirst().address()).hasToString("0.0.0.0:6000");
    assertThat(config.admin().address()).hasToString("127.0.0.1:6001");
    assertThat(config.data().directory()).isEqualTo(Path.of("/var/lib/registry"));
    assertThat(config.log().level()).isEqualTo(LogLevel.WARN);
  }

  @Test
  void remoteUrlIsThatOfTheDefaultUpstream() {
    Config config =
        Loading.both(
                "defaultUpstream: ghcr.io",
                Map.of("REGISTRY_PROXY_REMOTEURL", "https://hub.example.com"))
            .config();

    assertThat(config.upstreams().get(new ZoneName("ghcr.io")).url())
        .isEqualTo(URI.create("https://hub.example.com"));
    assertThat(config.upstreams().get(ZoneName.DOCKER_HUB).url())
        .isEqualTo(URI.create("https://registry-1.docker.io"));
  }

  @Test
  void ourOwnVariableBeatsTheirsWhichBeatsTheFile() {
    Map<String, String> environment =
        Map.of(
            "REGISTRY_LOG_LEVEL", "debug",
            "BREAKWATER_LOG_LEVEL", "error",
            "REGISTRY_HTTP_ADDR", ":6000");
    Config config =
        Loading.both("log: {level: info}\nlisteners: [{address: ':7000'}]", environment).config();

    assertThat(config.log().level()).isEqualTo(LogLevel.ERROR);
    assertThat(config.listeners().getFirst().address().port()).isEqualTo(6000);
  }

  @Test
  void expiryIsIgnoredWithAWarningThatNamesTheReplacement() {
    assertThat(Loading.environment(Map.of("REGISTRY_PROXY_TTL", "168h")).warnings())
        .singleElement()
        .asString()
        .startsWith("REGISTRY_PROXY_TTL is ignored")
        .contains("cache.maxSize", "BREAKWATER_CACHE_MAX_SIZE");
  }

  @Test
  void eachUnknownOneIsNamedInAWarningOfItsOwn() {
    Map<String, String> environment =
        Map.of("REGISTRY_STORAGE_DELETE_ENABLED", "true", "REGISTRY_AUTH", "htpasswd");

    assertThat(Loading.environment(environment).warnings())
        .containsExactly(
            "REGISTRY_AUTH is ignored: it means nothing to Breakwater",
            "REGISTRY_STORAGE_DELETE_ENABLED is ignored: it means nothing to Breakwater");
  }

  @Test
  void emptyOnesCountAsAbsentLikeThere() {
    EffectiveConfig loaded =
        Loading.environment(Map.of("REGISTRY_PROXY_USERNAME", "", "REGISTRY_AUTH", ""));

    assertThat(loaded.config()).isEqualTo(Config.defaults());
    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void wrongValueNamesTheirVariable() {
    assertThat(Loading.errorOfEnvironment("REGISTRY_HTTP_ADDR", "5000"))
        .startsWith("environment variable REGISTRY_HTTP_ADDR: \"5000\" is not an address");
  }
}
