package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ZoneName;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code BREAKWATER_*} variables. */
class EnvironmentTest {
  private static final Map<String, String> VALUES =
      Map.ofEntries(
          Map.entry("HOST:PORT", "127.0.0.1:6000"),
          Map.entry("path", "target"),
          Map.entry("size or share", "1GiB"),
          Map.entry("time", "1s"),
          Map.entry("name", "ghcr.io"),
          Map.entry("URL", "https://x.example"),
          Map.entry("http://HOST:PORT", "http://x.example:3128"),
          Map.entry("list of URLs", "https://x.example, https://y.example"),
          Map.entry("list of hosts", "x.example"),
          Map.entry("list of PATTERN=TIME", "*:latest=60s"),
          Map.entry("list of address ranges", "10.0.0.0/8"),
          Map.entry("text", "word"));

  @Test
  void everyKeyHasAWorkingVariable() {
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      String name = key.environmentName().replace("_NAME_", "_DOCKER_IO_");
      String value = VALUES.getOrDefault(key.type(), key.type().replaceAll(" .*", ""));
      Layer layer =
          EnvironmentLayer.read(
              Map.of(name, value),
              new EnvironmentLayer.Names(List.of("docker.io"), List.of("name")),
              new Problems(),
              new ArrayList<>());

      Setting setting = layer.settings.get(key.at(holes(key)));
      assertThat(setting).as(name).isNotNull();
      assertThat(setting.key()).isSameAs(key);
      assertThat(key.parser().apply(setting.values())).isNotNull();
    }
  }

  @Test
  void namesAreThePathInCapitals() {
    assertThat(ConfigKeys.ALL)
        .extracting(ConfigKey::environmentName)
        .contains(
            "BREAKWATER_CACHE_MAX_SIZE",
            "BREAKWATER_CACHE_TAG_TTL",
            "BREAKWATER_DATA_DIRECTORY",
            "BREAKWATER_DEFAULT_UPSTREAM",
            "BREAKWATER_LISTENERS_0_ADDRESS",
            "BREAKWATER_UPSTREAMS_NAME_ACCOUNTS_0_PASSWORD_FILE");
  }

  @Test
  void listsAreSeparatedByCommas() {
    UpstreamConfig hub =
        Loading.environment(
                Map.of("BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS", "one.example, two.example,"))
            .config()
            .upstreams()
            .get(ZoneName.DOCKER_HUB);

    assertThat(hub.realms()).containsExactly("one.example", "two.example");
  }

  @Test
  void emptyVariableEmptiesAListAndLeavesAValueAlone() {
    Config config =
        Loading.environment(
                Map.of(
                    "BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS", "", "BREAKWATER_CACHE_MAX_SIZE", ""))
            .config();

    assertThat(config.upstreams().get(ZoneName.DOCKER_HUB).realms()).isEmpty();
    assertThat(config.cache().maxSize()).isEqualTo(new DiskLimit.Share(80));
  }

  @Test
  void positionAddsAListener() {
    Config config =
        Loading.environment(
                Map.of(
                    "BREAKWATER_LISTENERS_1_ADDRESS", ":5002",
                    "BREAKWATER_LISTENERS_1_FACE", "registry"))
            .config();

    assertThat(config.listeners())
        .containsExactly(
            new ListenerConfig(new ListenAddress("0.0.0.0", 5000), Face.BOTH),
            new ListenerConfig(new ListenAddress("0.0.0.0", 5002), Face.REGISTRY));
  }

  @Test
  void gapInPositionsIsRefused() {
    assertThat(Loading.errorOfEnvironment("BREAKWATER_LISTENERS_2_ADDRESS", ":5002"))
        .isEqualTo(
            "environment variable BREAKWATER_LISTENERS_2_ADDRESS: there is no listeners[1];"
                + " positions count from 0 without a gap");
  }

  @Test
  void wrongValueNamesTheVariable() {
    assertThat(Loading.errorOfEnvironment("BREAKWATER_CACHE_TAG_TTL", "soon"))
        .isEqualTo(
            "environment variable BREAKWATER_CACHE_TAG_TTL: \"soon\" is not a time; write a number"
                + " and ms, s, m, h or d, for example 60s");
  }

  @ParameterizedTest
  @CsvSource({
    "BREAKWATER_CACHE_MAXSIZE, BREAKWATER_CACHE_MAX_SIZE",
    "BREAKWATER_LISTENER_0_ADDRESS, BREAKWATER_LISTENERS_0_ADDRESS",
    "BREAKWATER_UPSTREAMS_DOCKERIO_URL, BREAKWATER_UPSTREAMS_DOCKER_IO_URL",
  })
  void unknownVariableIsAnErrorWithASuggestion(String unknown, String meant) {
    assertThat(Loading.errorOfEnvironment(unknown, "x"))
        .isEqualTo("unknown environment variable " + unknown + "; did you mean " + meant + "?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BREAKWATER_LISTEN | did you mean BREAKWATER_LISTENERS_0_ADDRESS?",
        "BREAKWATER_ADMIN | did you mean BREAKWATER_ADMIN_ADDRESS?",
        "BREAKWATER_DATA | did you mean BREAKWATER_DATA_DIRECTORY?",
        "BREAKWATER_DATA_DIR | did you mean BREAKWATER_DATA_DIRECTORY?",
        "BREAKWATER_MAX_SIZE | did you mean BREAKWATER_CACHE_MAX_SIZE?",
        "BREAKWATER_CONFIG_FILE | did you mean BREAKWATER_CONFIG?",
        "BREAKWATER_OPT | did you mean BREAKWATER_OPTS?",
        "BREAKWATER_LOG_COLOUR | known there: BREAKWATER_LOG_FORMAT, BREAKWATER_LOG_LEVEL",
        "BREAKWATER_UPSTREAMS_DOCKER_IO_URI | did you mean BREAKWATER_UPSTREAMS_DOCKER_IO_URL?",
        "BREAKWATER_UPSTREAMS_X | conf/breakwater.yaml names the variables of an upstream",
        "BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_USER_NAME | did you mean"
            + " BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_USERNAME?",
      })
  void variableThatWasMeantToSetSomethingIsAnErrorThatSaysWhereToLook(String name, String hint) {
    assertThat(Loading.errorOfEnvironment(name, "x"))
        .isEqualTo("unknown environment variable " + name + "; " + hint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BREAKWATER_VERSION",
        "BREAKWATER_HOME",
        "BREAKWATER_IMAGE",
        "BREAKWATER_SHA256",
        "BREAKWATER_UID",
        "BREAKWATER_GIT_COMMIT",
        "BREAKWATER_JAVA_VERSION",
        "BREAKWATER_PORT",
        "BREAKWATER_URL",
        "BREAKWATER_X",
        "BREAKWATER_",
      })
  void variableThatIsPlainlyNotASettingIsAWarning(String name) {
    EffectiveConfig loaded = Loading.environment(Map.of(name, "1.2.3"));

    assertThat(loaded.config()).isEqualTo(Config.defaults());
    assertThat(loaded.warnings())
        .containsExactly(
            "environment variable " + name + " is ignored: it is not a setting of Breakwater");
  }

  @Test
  void upstreamIsAddedByVariablesAlone() {
    Map<String, String> environment =
        Map.of(
            "BREAKWATER_UPSTREAMS_FOO_NAME", "registry.example.com:5000",
            "BREAKWATER_UPSTREAMS_FOO_URL", "http://10.0.0.1:5000",
            "BREAKWATER_UPSTREAMS_FOO_ACCESS", "anonymous",
            "BREAKWATER_UPSTREAMS_FOO_ACCOUNTS_0_USERNAME", "me",
            "BREAKWATER_UPSTREAMS_FOO_ACCOUNTS_0_PASSWORD", "hunter2",
            "BREAKWATER_UPSTREAMS_B4R_X_NAME", "bar",
            "BREAKWATER_UPSTREAMS_B4R_X_TAG_TTL", "5s");

    EffectiveConfig loaded = Loading.environment(environment);

    Map<ZoneName, UpstreamConfig> upstreams = loaded.config().upstreams();
    UpstreamConfig foo = upstreams.get(new ZoneName("registry.example.com:5000"));
    UpstreamConfig bar = upstreams.get(new ZoneName("bar"));
    assertThat(upstreams).hasSize(9);
    assertThat(foo.url()).isEqualTo(URI.create("http://10.0.0.1:5000"));
    assertThat(foo.accounts()).containsExactly(new AccountConfig("me", new Secret("hunter2")));
    assertThat(bar.url()).isEqualTo(URI.create("https://bar"));
    assertThat(bar.tagTtl()).contains(Duration.ofSeconds(5));
    assertThat(loaded.warnings()).isEmpty();
    assertThat(loaded.toYaml())
        .contains("url: http://10.0.0.1:5000  # BREAKWATER_UPSTREAMS_FOO_URL");
  }

  @Test
  void upstreamOfVariablesMayBeTheDefault() {
    Map<String, String> environment =
        Map.of(
            "BREAKWATER_UPSTREAMS_FOO_NAME", "foo.example",
            "BREAKWATER_DEFAULT_UPSTREAM", "foo.example");

    assertThat(Loading.environment(environment).config().defaultUpstream())
        .isEqualTo(new ZoneName("foo.example"));
  }

  @Test
  void addressOfAnUpstreamWithoutItsNameAsksForTheName() {
    assertThat(Loading.errorOfEnvironment("BREAKWATER_UPSTREAMS_FOO_URL", "https://x"))
        .isEqualTo(
            "environment variable BREAKWATER_UPSTREAMS_FOO_URL: no upstream is called so; say which"
                + " registry it is with BREAKWATER_UPSTREAMS_FOO_NAME, for example"
                + " BREAKWATER_UPSTREAMS_FOO_NAME=registry.example.com");
  }

  @Test
  void emptyVariablesOfAnUpstreamCountAsAbsent() {
    Map<String, String> environment =
        Map.of("BREAKWATER_UPSTREAMS_FOO_NAME", "", "BREAKWATER_UPSTREAMS_FOO_URL", "");
    EffectiveConfig loaded = Loading.environment(environment);

    assertThat(loaded.config()).isEqualTo(Config.defaults());
    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void nameOfAnUpstreamIsChecked() {
    assertThat(Loading.errorOfEnvironment("BREAKWATER_UPSTREAMS_FOO_NAME", "https://x"))
        .startsWith("environment variable BREAKWATER_UPSTREAMS_FOO_NAME: registry name");
    assertThat(Loading.errorOfEnvironment("BREAKWATER_UPSTREAMS_GHCR_IO_NAME", "x.example"))
        .isEqualTo(
            "environment variable BREAKWATER_UPSTREAMS_GHCR_IO_NAME: GHCR_IO stands for the"
                + " upstream ghcr.io; choose another word for x.example");
    assertThat(Loading.errorOfEnvironment("BREAKWATER_UPSTREAMS_GHCR_IO_NAME", "ghcr.io")).isNull();
  }

  @Test
  void twoVariablesForOneKeyAreRefused() {
    Map<String, String> environment =
        Map.of(
            "BREAKWATER_UPSTREAMS_FOO_NAME", "quay.io",
            "BREAKWATER_UPSTREAMS_FOO_URL", "https://a",
            "BREAKWATER_UPSTREAMS_QUAY_IO_URL", "https://b");
    assertThat(Loading.error(() -> Loading.environment(environment)))
        .isEqualTo(
            "environment variable BREAKWATER_UPSTREAMS_FOO_URL: BREAKWATER_UPSTREAMS_QUAY_IO_URL"
                + " sets the same key upstreams.quay.io.url; keep one");
  }

  @Test
  void variableThatFitsTwoUpstreamsIsRefused() {
    String yaml = "upstreams: {a-b: {url: https://x}, a.b: {url: https://y}}";
    assertThat(
            Loading.error(
                () -> Loading.both(yaml, Map.of("BREAKWATER_UPSTREAMS_A_B_URL", "https://z"))))
        .isEqualTo(
            "environment variable BREAKWATER_UPSTREAMS_A_B_URL could mean upstreams.a-b.url or"
                + " upstreams.a.b.url; set it in the file instead");
  }

  @Test
  void variablesOfTheLauncherAndOfOthersAreLeftAlone() {
    Map<String, String> environment =
        Map.of(
            "BREAKWATER_JAVA", "/jdk",
            "BREAKWATER_OPTS", "-Xmx1g",
            "BREAKWATER_CONFIG", "x.yaml",
            "PATH", "/bin",
            "MYBREAKWATER_X", "y");

    assertThat(Loading.environment(environment).config()).isEqualTo(Config.defaults());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BREAKWATER_SERVICE_HOST=10.0.0.1",
        "BREAKWATER_SERVICE_PORT=5000",
        "BREAKWATER_SERVICE_PORT_HTTP=5000",
        "BREAKWATER_PORT=tcp://10.0.0.1:5000",
        "BREAKWATER_PORT_5000_TCP=tcp://10.0.0.1:5000",
        "BREAKWATER_PORT_5000_TCP_ADDR=10.0.0.1",
        "BREAKWATER_ADMIN_PORT=tcp://10.0.0.1:5001",
        "REGISTRY_SERVICE_HOST=10.0.0.1",
      })
  void addressesOfAKubernetesServiceOfThatNameAreLeftAlone(String variable) {
    String[] parts = variable.split("=", 2);
    EffectiveConfig loaded = Loading.environment(Map.of(parts[0], parts[1]));

    assertThat(loaded.config()).isEqualTo(Config.defaults());
    assertThat(loaded.warnings()).isEmpty();
  }

  private static String[] holes(ConfigKey<?> key) {
    return key.segments().stream()
        .filter(segment -> segment.equals("*") || segment.equals("[]"))
        .map(
            segment ->
                segment.equals("[]") ? "[0]" : key.equals(AccessKeys.GROUP) ? "name" : "docker.io")
        .toArray(String[]::new);
  }
}
