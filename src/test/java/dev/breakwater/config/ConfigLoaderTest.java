package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.TagPattern;
import dev.breakwater.oci.ZoneName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the sources say together. */
class ConfigLoaderTest {
  private static final ZoneName DOCKER_HUB = ZoneName.DOCKER_HUB;

  @Test
  void defaultsAreTheOnesOfTheDesign() {
    Config config = Config.defaults();

    assertThat(config.listeners())
        .containsExactly(new ListenerConfig(new ListenAddress("0.0.0.0", 5000), Face.BOTH));
    assertThat(config.admin().address()).isEqualTo(new ListenAddress("127.0.0.1", 5001));
    assertThat(config.data().directory()).isEqualTo(Path.of("/var/lib/breakwater"));
    assertThat(config.cache())
        .isEqualTo(
            new CacheConfig(
                new DiskLimit.Share(80),
                new DiskLimit.Share(5),
                Duration.ofSeconds(60),
                List.of(),
                Duration.ZERO,
                DeletedTags.KEEP,
                Duration.ofSeconds(10),
                Duration.ofDays(30),
                Duration.ofSeconds(30),
                false,
                true,
                8));
    assertThat(config.defaultUpstream()).isEqualTo(DOCKER_HUB);
    assertThat(config.gc()).isEqualTo(new GcConfig(Duration.ofHours(1), Duration.ofHours(1)));
    assertThat(config.log()).isEqualTo(new LogConfig(LogFormat.AUTO, LogLevel.INFO));
  }

  @Test
  void defaultUpstreamsAreTheRegistriesThatImagesComeFrom() {
    Map<ZoneName, UpstreamConfig> upstreams = Config.defaults().upstreams();

    assertThat(upstreams.keySet())
        .extracting(ZoneName::value)
        .containsExactly(
            "docker.io",
            "ghcr.io",
            "quay.io",
            "registry.k8s.io",
            "gcr.io",
            "mcr.microsoft.com",
            "public.ecr.aws");
    assertThat(upstreams.get(DOCKER_HUB))
        .isEqualTo(upstream("https://registry-1.docker.io", List.of("auth.docker.io")));
    assertThat(upstreams.get(new ZoneName("ghcr.io")))
        .isEqualTo(upstream("https://ghcr.io", List.of()));
  }

  @Test
  void emptyFileChangesNothing() {
    assertThat(Loading.file("").config()).isEqualTo(Config.defaults());
    assertThat(Loading.file("# nothing\ncache:\nupstreams:\n").config())
        .isEqualTo(Config.defaults());
  }

  @Test
  void everyKeyOfTheFileArrives() {
    Config config =
        Loading.file(
                """
                listeners:
                  - {address: "[::1]:6000", face: mirror}
                  - {address: "127.0.0.1:6001", face: registry}
                admin: {address: "127.0.0.1:6002"}
                data: {directory: some/where}
                cache: {maxSize: 50GiB, minFree: 1GB, tagTtl: 5m, negativeTtl: 500ms, maxIdle: 90d,
                  evictionGrace: 0s, offline: true,
                  tagTtls: ["*:latest=30s", "*:v[0-9]*=1h"], staleWhileRevalidate: 2m,
                  deletedTags: drop}
                defaultUpstream: example.com
                upstreams:
                  example.com:
                    url: http://registry.example.com:8080/docker/
                    mirrors: [https://one.example.com, https://two.example.com]
                    accounts: [{username: me, password: "s3cret: #1"}]
                    access: anonymous
                    proxy: http://proxy:3128
                    realms: [auth.example.com, "auth.example.com:8443"]
                    tagTtl: 10m
                    tagTtls: ["team/*:*=1d"]
                    offline: true
                    allow: ["team/*", tools]
                    deny: ["team/secret*"]
                gc: {interval: 10m, grace: 0s}
                log: {format: json, level: debug}
                """)
            .config();

    assertThat(config.listeners())
        .containsExactly(
            new ListenerConfig(new ListenAddress("::1", 6000), Face.MIRROR),
            new ListenerConfig(new ListenAddress("127.0.0.1", 6001), Face.REGISTRY));
    assertThat(config.admin().address()).hasToString("127.0.0.1:6002");
    assertThat(config.data().directory()).isEqualTo(Path.of("some/where"));
    assertThat(config.cache())
        .isEqualTo(
            new CacheConfig(
                new DiskLimit.Amount(new ByteSize(50L << 30)),
                new DiskLimit.Amount(new ByteSize(1_000_000_000)),
                Duration.ofMinutes(5),
                List.of(
                    new TagTtl(TagPattern.parse("*:latest"), Duration.ofSeconds(30)),
                    new TagTtl(TagPattern.parse("*:v[0-9]*"), Duration.ofHours(1))),
                Duration.ofMinutes(2),
                DeletedTags.DROP,
                Duration.ofMillis(500),
                Duration.ofDays(90),
                Duration.ZERO,
                true,
                true,
                8));
    assertThat(config.gc()).isEqualTo(new GcConfig(Duration.ofMinutes(10), Duration.ZERO));
    assertThat(config.defaultUpstream()).isEqualTo(new ZoneName("example.com"));
    assertThat(config.upstreams()).hasSize(8);
    assertThat(config.upstreams().get(new ZoneName("example.com")))
        .isEqualTo(
            new UpstreamConfig(
                URI.create("http://registry.example.com:8080/docker"),
                List.of(
                    URI.create("https://one.example.com"), URI.create("https://two.example.com")),
                List.of(new AccountConfig("me", new Secret("s3cret: #1"))),
                new CredentialsConfig(Optional.empty(), Optional.empty(), Duration.ofMinutes(10)),
                new UpstreamAccessConfig(UpstreamAccess.ANONYMOUS, true),
                Optional.empty(),
                Optional.empty(),
                Optional.of(URI.create("http://proxy:3128")),
                List.of("auth.example.com", "auth.example.com:8443"),
                new RequestLimitsConfig(128, 64, Optional.empty()),
                Optional.of(Duration.ofMinutes(10)),
                List.of(new TagTtl(TagPattern.parse("team/*:*"), Duration.ofDays(1))),
                true,
                List.of(RepositoryPattern.parse("team/*"), RepositoryPattern.parse("tools")),
                List.of(RepositoryPattern.parse("team/secret*"))));
    assertThat(config.log()).isEqualTo(new LogConfig(LogFormat.JSON, LogLevel.DEBUG));
  }

  @Test
  void patternOfRepositoriesThatMatchesNoneIsRefused() {
    assertThat(Loading.errorOfFile("upstreams: {ghcr.io: {deny: [ghcr.io/team/*]}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.ghcr.io.deny: \"ghcr.io/team/*\" begins with the"
                + " registry's own name; write team/*");
    assertThat(Loading.errorOfEnvironment("BREAKWATER_UPSTREAMS_GHCR_IO_ALLOW", "Team/*"))
        .startsWith("environment variable BREAKWATER_UPSTREAMS_GHCR_IO_ALLOW: \"Team/*\" is not");
  }

  @Test
  void anUpstreamMayBeNothingButItsName() {
    assertThat(Loading.file("upstreams: {registry.example.com: }").config().upstreams())
        .containsEntry(
            new ZoneName("registry.example.com"),
            upstream("https://registry.example.com", List.of()));
  }

  @Test
  void overridingOneKeyOfADefaultUpstreamKeepsTheOthers() {
    Config config = Loading.file("upstreams: {docker.io: {mirrors: [https://m.example]}}").config();

    assertThat(config.upstreams().get(DOCKER_HUB).url())
        .isEqualTo(URI.create("https://registry-1.docker.io"));
    assertThat(config.upstreams().get(DOCKER_HUB).realms()).containsExactly("auth.docker.io");
  }

  @Test
  void flagBeatsEnvironmentBeatsFileBeatsDefault() {
    String yaml = "cache: {maxSize: 1GiB, minFree: 1GiB, tagTtl: 1s}";
    Map<String, String> environment =
        Map.of("BREAKWATER_CACHE_MAX_SIZE", "2GiB", "BREAKWATER_CACHE_MIN_FREE", "2GiB");
    FlagOverrides flags =
        new FlagOverrides(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("3GiB"), List.of());

    CacheConfig cache =
        ConfigLoader.load(Optional.of(new ConfigFile("test.yaml", yaml)), environment, flags)
            .config()
            .cache();

    assertThat(cache.maxSize()).hasToString("3GiB");
    assertThat(cache.minFree()).hasToString("2GiB");
    assertThat(cache.tagTtl()).isEqualTo(Duration.ofSeconds(1));
    assertThat(cache.negativeTtl()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void listenFlagMovesTheFirstListenerAndKeepsItsFace() {
    FlagOverrides flags =
        new FlagOverrides(
            Optional.of("127.0.0.1:7000"),
            Optional.of("127.0.0.1:7001"),
            Optional.of("here"),
            Optional.empty(),
            List.of());
    Config config =
        ConfigLoader.load(
                Optional.of(new ConfigFile("test.yaml", "listeners: [{face: mirror}]")),
                Map.of(),
                flags)
            .config();

    assertThat(config.listeners())
        .containsExactly(new ListenerConfig(new ListenAddress("127.0.0.1", 7000), Face.MIRROR));
    assertThat(config.admin().address()).hasToString("127.0.0.1:7001");
    assertThat(config.data().directory()).isEqualTo(Path.of("here"));
  }

  @Test
  void upstreamFlagChangesAndAdds() {
    Map<ZoneName, UpstreamConfig> upstreams =
        ConfigLoader.load(
                Optional.empty(),
                Map.of("BREAKWATER_UPSTREAMS_NEW_EXAMPLE_REALMS", "auth.example"),
                Loading.upstream("docker.io=http://127.0.0.1:5001", "new.example=https://x/a=b"))
            .config()
            .upstreams();

    assertThat(upstreams.get(DOCKER_HUB).url()).isEqualTo(URI.create("http://127.0.0.1:5001"));
    assertThat(upstreams.get(new ZoneName("new.example")))
        .isEqualTo(upstream("https://x/a=b", List.of("auth.example")));
  }

  @Test
  void errorsOfAllSourcesAreToldInOneRun() {
    assertThat(
            Loading.error(
                () ->
                    ConfigLoader.load(
                        Optional.of(new ConfigFile("test.yaml", "log: {level: loud}")),
                        Map.of("BREAKWATER_GC_GRACE", "x", "REGISTRY_HTTP_ADDR", "x"),
                        Loading.upstream("x"))))
        .contains(
            "test.yaml line 1: log.level: ",
            "environment variable BREAKWATER_GC_GRACE: ",
            "environment variable REGISTRY_HTTP_ADDR: ",
            "--upstream: \"x\" is not NAME=URL")
        .hasLineCount(4);
  }

  @Test
  void wrongUpstreamFlagIsNamed() {
    assertThat(errorOfUpstream("docker.io"))
        .isEqualTo(
            "--upstream: \"docker.io\" is not NAME=URL; write for example"
                + " docker.io=https://registry-1.docker.io");
    assertThat(errorOfUpstream("docker.io=ftp://x"))
        .isEqualTo(
            "--upstream docker.io: \"ftp://x\" is not a URL with http:// or https:// in front");
    assertThat(errorOfUpstream("UPPER=https://x"))
        .startsWith("--upstream: registry name \"UPPER\"");
  }

  @Test
  void passwordInAnUrlIsRefusedAndNotRepeated() {
    assertThat(errorOfUpstream("docker.io=https://me:hunter2@hub"))
        .isEqualTo(
            "--upstream docker.io: the URL must not hold a user name or password; write them"
                + " under accounts");
    assertThat(errorOfUpstream("https://me:hunter2@hub")).doesNotContain("hunter2");
  }

  private static String errorOfUpstream(String text) {
    return Loading.error(
        () -> ConfigLoader.load(Optional.empty(), Map.of(), Loading.upstream(text)));
  }

  private static UpstreamConfig upstream(String url, List<String> realms) {
    return new UpstreamConfig(
        URI.create(url),
        List.of(),
        List.of(),
        new CredentialsConfig(Optional.empty(), Optional.empty(), Duration.ofMinutes(10)),
        new UpstreamAccessConfig(UpstreamAccess.ANONYMOUS, true),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        realms,
        new RequestLimitsConfig(128, 64, Optional.empty()),
        Optional.empty(),
        List.of(),
        false,
        List.of(),
        List.of());
  }
}
