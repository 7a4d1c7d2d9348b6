package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ZoneName;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people who run {@code registry:2} as a mirror have in their compose files. */
class RegistryVariablesTest {
  @Test
  void theOnesOfAMirrorAreUnderstood() {
    EffectiveConfig loaded =
        Loading.environment(
            Map.of(
                "REGISTRY_PROXY_REMOTEURL", "https://registry-1.docker.io",
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
    assertThat(config.defaultUpstream()).isEqualTo(ZoneName.DOCKER_HUB);
    assertThat(config.upstreams()).hasSameSizeAs(Config.defaults().upstreams());
    assertThat(hub.url()).isEqualTo(URI.create("https://registry-1.docker.io"));
    assertThat(hub.accounts()).containsExactly(new AccountConfig("me", new Secret("hunter2")));
    assertThat(config.listeners().getFirst().address()).hasToString("0.0.0.0:6000");
    assertThat(config.admin().address()).hasToString("127.0.0.1:6001");
    assertThat(config.data().directory()).isEqualTo(Path.of("/var/lib/registry"));
    assertThat(config.log().level()).isEqualTo(LogLevel.WARN);
  }

  @ParameterizedTest
  @CsvSource({
    "https://ghcr.io, ghcr.io",
    "https://GHCR.io:443/, ghcr.io",
    "https://docker.io, docker.io",
    "https://index.docker.io, docker.io",
    "https://registry-1.docker.io, docker.io",
    "https://registry.hub.docker.com, docker.io",
    "https://harbor.example.com/hub, corp",
    "https://harbor.example.com, corp",
    "https://mirror.example.com, quay.io",
  })
  void remoteUrlOfAKnownRegistryMakesThatTheDefaultAndRepointsNone(String url, String name) {
    String yaml = "upstreams: {corp: {url: https://harbor.example.com/hub}}";
    Map<String, String> others =
        Map.of("BREAKWATER_UPSTREAMS_QUAY_IO_URL", "https://mirror.example.com");
    Config before = Loading.both(yaml, others).config();
    Map<String, String> environment = new HashMap<>(others);
    environment.put("REGISTRY_PROXY_REMOTEURL", url);

    Config config = Loading.both(yaml, environment).config();

    assertThat(config.defaultUpstream()).isEqualTo(new ZoneName(name));
    assertThat(config.upstreams()).isEqualTo(before.upstreams());
  }

  @ParameterizedTest
  @CsvSource({
    "https://hub.example.com, hub.example.com",
    "http://hub.example.com:5000, hub.example.com:5000",
    "https://hub.example.com/docker, hub.example.com",
  })
  void remoteUrlOfAnUnknownRegistryIsAnUpstreamOfItsOwnNameAndTheDefault(String url, String name) {
    EffectiveConfig loaded = Loading.environment(Map.of("REGISTRY_PROXY_REMOTEURL", url));

    Config config = loaded.config();
    assertThat(loaded.warnings()).isEmpty();
    assertThat(config.defaultUpstream()).isEqualTo(new ZoneName(name));
    assertThat(config.upstreams().get(new ZoneName(name)).url()).isEqualTo(URI.create(url));
    assertThat(config.upstreams()).hasSize(8).containsAllEntriesOf(Config.defaults().upstreams());
  }

  @Test
  void dockerHubIsNotRepointed() {
    Map<ZoneName, UpstreamConfig> upstreams =
        Loading.environment(Map.of("REGISTRY_PROXY_REMOTEURL", "https://ghcr.io"))
            .config()
            .upstreams();

    assertThat(upstreams.get(ZoneName.DOCKER_HUB).url())
        .isEqualTo(URI.create("https://registry-1.docker.io"));
  }

  @Test
  void addressThatDiffersFromThatOfTheKnownRegistryIsAWarning() {
    EffectiveConfig loaded =
        Loading.environment(Map.of("REGISTRY_PROXY_REMOTEURL", "http://ghcr.io"));

    assertThat(loaded.config().upstreams().get(new ZoneName("ghcr.io")).url())
        .isEqualTo(URI.create("https://ghcr.io"));
    assertThat(loaded.warnings())
        .containsExactly(
            "REGISTRY_PROXY_REMOTEURL makes ghcr.io the default upstream and does not change its"
                + " address https://ghcr.io; if another one is meant, set upstreams.ghcr.io.url"
                + " (BREAKWATER_UPSTREAMS_GHCR_IO_URL)");
  }

  @ParameterizedTest
  @CsvSource({
    "https://ghcr.io, ghcr.io, GHCR_IO",
    "https://x.example:5000, x.example:5000, X_EXAMPLE_5000"
  })
  void loginBelongsToTheRegistryOfTheRemoteUrl(String url, String name, String label) {
    Config config =
        Loading.environment(
                Map.of(
                    "REGISTRY_PROXY_REMOTEURL",
                    url,
                    "REGISTRY_PROXY_USERNAME",
                    "me",
                    "REGISTRY_PROXY_PASSWORD",
                    "hunter2",
                    "BREAKWATER_UPSTREAMS_" + label + "_ACCESS",
                    "anonymous"))
            .config();

    config
        .upstreams()
        .forEach(
            (zone, upstream) ->
                assertThat(upstream.accounts())
                    .as(zone.value())
                    .hasSize(zone.value().equals(name) ? 1 : 0));
  }

  @Test
  void loginOpensNoPrivateRepositoryOfThatRegistry() {
    Map<String, String> environment =
        Map.of(
            "REGISTRY_PROXY_REMOTEURL", "https://hub.example.com",
            "REGISTRY_PROXY_USERNAME", "me",
            "REGISTRY_PROXY_PASSWORD", "hunter2");

    UpstreamConfig hub =
        Loading.environment(environment).config().upstreams().get(new ZoneName("hub.example.com"));
    assertThat(hub.accounts()).hasSize(1);
    assertThat(hub.access().publicOnly()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "ftp://x, '\"ftp://x\" is not a URL with http:// or https:// in front'",
    "https://me:hunter2@x, 'the URL must not hold a user name or password; write them under"
        + " accounts'",
    "https://hosted, 'an upstream must not be called hosted; that name is reserved for"
        + " images pushed here'",
  })
  void remoteUrlThatCannotBeUsedIsOneError(String url, String message) {
    Map<String, String> environment =
        Map.of(
            "REGISTRY_PROXY_REMOTEURL", url,
            "REGISTRY_PROXY_USERNAME", "me",
            "REGISTRY_PROXY_PASSWORD", "hunter2");

    assertThat(Loading.error(() -> Loading.environment(environment)))
        .isEqualTo("environment variable REGISTRY_PROXY_REMOTEURL: " + message);
  }

  @Test
  void defaultUpstreamOfTheFileYieldsToTheRemoteUrlAndOurOwnVariableDoesNot() {
    Map<String, String> environment = new HashMap<>();
    environment.put("REGISTRY_PROXY_REMOTEURL", "https://ghcr.io");
    String yaml = "defaultUpstream: quay.io";
    assertThat(Loading.both(yaml, environment).config().defaultUpstream())
        .isEqualTo(new ZoneName("ghcr.io"));

    environment.put("BREAKWATER_DEFAULT_UPSTREAM", "gcr.io");
    assertThat(Loading.both(yaml, environment).config().defaultUpstream())
        .isEqualTo(new ZoneName("gcr.io"));
  }

  @ParameterizedTest
  @CsvSource({
    "REGISTRY_HTTP_DEBUG_ADDR, :5001, 0.0.0.0:5001",
    "BREAKWATER_ADMIN_ADDRESS, 10.0.0.1:1, 10.0.0.1:1"
  })
  void adminListenerThatOtherMachinesReachNeedsATokenOrConsent(
      String variable, String text, String address) {
    String start = "environment variable " + variable + ": the admin listener on " + address;
    assertThat(Loading.errorOfEnvironment(variable, text))
        .startsWith(start)
        .contains("127.0.0.1:", "BREAKWATER_ADMIN_TOKEN_FILE", "BREAKWATER_ADMIN_ANONYMOUS=true")
        .hasLineCount(1);
    String token = "0123456789abcdef";
    assertThat(
            Loading.environment(Map.of(variable, text, "BREAKWATER_ADMIN_TOKEN", token))
                .config()
                .admin()
                .token())
        .contains(new Secret(token));
    assertThat(
            Loading.environment(Map.of(variable, text, "BREAKWATER_ADMIN_ANONYMOUS", "true"))
                .warnings())
        .singleElement()
        .asString()
        .startsWith("environment variable BREAKWATER_ADMIN_ANONYMOUS: the admin listener on")
        .contains(address, "asks for no token");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:6001", "localhost:6001", "[::1]:6001"})
  void adminListenerOnLoopbackNeedsNone(String address) {
    EffectiveConfig effective = Loading.environment(Map.of("REGISTRY_HTTP_DEBUG_ADDR", address));
    assertThat(effective.warnings()).isEmpty();
    assertThat(effective.config().admin().token()).isEmpty();
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
        .contains("cache.maxIdle", "BREAKWATER_CACHE_MAX_IDLE", "30d")
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
