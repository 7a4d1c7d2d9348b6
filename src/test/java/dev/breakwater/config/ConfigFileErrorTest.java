package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each error of a file is one line that names file, line, key and remedy. */
class ConfigFileErrorTest {
  @TempDir Path directory;

  @Test
  void unknownKeyNamesLineAndSuggestion() {
    assertThat(Loading.errorOfFile("cache:\n  maxSize: 1GiB\n  tagTTL2: 5s\n"))
        .isEqualTo("test.yaml line 3: unknown key cache.tagTTL2; did you mean tagTtl?");
  }

  @Test
  void keyAtTheWrongPlaceIsPointedToItsOwn() {
    assertThat(Loading.errorOfFile("tagTtl: 5s\n"))
        .isEqualTo("test.yaml line 1: unknown key tagTtl; did you mean cache.tagTtl?");
  }

  @Test
  void keyLikeNoneListsTheKnownOnes() {
    assertThat(Loading.errorOfFile("log:\n  colour: red\n"))
        .isEqualTo("test.yaml line 2: unknown key log.colour; known here: format, level");
  }

  @Test
  void unknownKeyInsideAnItemNamesItsPosition() {
    assertThat(Loading.errorOfFile("listeners:\n  - address: :5000\n  - adress: :5002\n"))
        .isEqualTo("test.yaml line 3: unknown key listeners[1].adress; did you mean address?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cache: {maxSize: 50Gi} | cache.maxSize: \"50Gi\" is not a size",
        "cache: {maxSize: 80} | cache.maxSize: \"80\" is neither a size nor a share",
        "cache: {maxSize: 0%} | cache.maxSize: \"0%\" leaves no room",
        "cache: {maxSize: 101%} | cache.maxSize: 101% is not between 0% and 100%",
        "cache: {tagTtl: 60} | cache.tagTtl: \"60\" is not a time",
        "cache: {tagTtls: ['*:latest']} | cache.tagTtls: \"*:latest\" has no time; write"
            + " PATTERN=TIME, for example *:latest=60s",
        "cache: {tagTtls: ['latest=60s']} | cache.tagTtls: \"latest\" is not a pattern of tags;"
            + " write REPOSITORY:TAG, for example *:latest",
        "cache: {tagTtls: ['*:v[0-9=1h']} | cache.tagTtls: \"*:v[0-9\" has brackets that are no"
            + " choice of characters; write for example *:v[0-9]*",
        "cache: {tagTtls: ['*:latest=soon']} | cache.tagTtls: \"soon\" is not a time; write a"
            + " number and ms, s, m, h or d, for example 60s",
        "cache: {deletedTags: hide} | cache.deletedTags: \"hide\" is not one of keep, drop",
        "cache: {offline: yes} | cache.offline: \"yes\" is neither true nor false",
        "cache: {offline: [true]} | cache.offline: expected one value",
        "cache: {tagTtl: } | cache.tagTtl: there is no value",
        "cache: 5 | cache: expected keys and values",
        "listeners: {address: x} | listeners: expected a list",
        "listeners: [] | listeners: at least one listener is needed",
        "listeners: | listeners: expected a list",
        "listeners: [{address: 5000}] | listeners[0].address: \"5000\" is not an address",
        "listeners: [{address: 'x:70000'}] | listeners[0].address: port 70000 is not between",
        "listeners: [{face: all}] | listeners[0].face: \"all\" is not one of mirror, registry,"
            + " both",
        "log: {level: loud} | log.level: \"loud\" is not one of error, warn, info, debug, trace",
        "defaultUpstream: docker.oi | defaultUpstream: \"docker.oi\" is not an upstream; did you"
            + " mean docker.io?",
        "upstreams: {Docker.io: {}} | upstreams: registry name \"Docker.io\" is not valid",
        "upstreams: {hosted: {}} | upstreams: an upstream must not be called hosted",
        "upstreams: {a.b: {realms: x}} | upstreams.a.b.realms: expected a list",
        "upstreams: {a.b: {realms: [https://x]}} | upstreams.a.b.realms: \"https://x\" is not a"
            + " host",
        "upstreams: {a.b: {mirrors: [x]}} | upstreams.a.b.mirrors: \"x\" is not a URL with http",
        "upstreams: {a.b: {proxy: 'http://p'}} | upstreams.a.b.proxy: \"http://p\" is not a proxy",
        "upstreams: {a.b: {ca: /nope}} | upstreams.a.b.ca: \"/nope\" is not a readable file",
        "upstreams: {a.b: {access: all}} | upstreams.a.b.access: \"all\" is not one of anonymous",
        "data: {directory: ''} | data.directory: \"\" is not a path",
      })
  void wrongValueNamesLineAndKey(String yaml, String message) {
    assertThat(Loading.errorOfFile(yaml)).startsWith("test.yaml line 1: " + message);
  }

  @Test
  void everyErrorOfAFileIsToldInOneRun() {
    String yaml =
        """
        listeners:
          - {address: nowhere, face: mirror}
          - {address: ":5001"}
        cache: {maxsize: 1GiB, tagTtl: soon, offline: [true]}
        log:
          level: info
          level: warn
          colour: red
        upstreams:
          UPPER: {}
          quay.io:
            ca: /nope
            accounts: [{username: me, password: }]
        """;
    assertThat(Loading.errorOfFile(yaml).lines())
        .containsExactlyInAnyOrder(
            "test.yaml line 4: unknown key cache.maxsize; did you mean maxSize?",
            "test.yaml line 4: cache.offline: expected one value",
            "test.yaml line 7: log.level: the key is there twice; remove one",
            "test.yaml line 8: unknown key log.colour; known here: format, level",
            "test.yaml line 10: upstreams: registry name \"UPPER\" is not valid: write a host name"
                + " in lower case",
            "test.yaml line 13: upstreams.quay.io.accounts[0].password: there is no value; write"
                + " one or remove the key",
            "test.yaml line 2: listeners[0].address: \"nowhere\" is not an address; write"
                + " HOST:PORT, for example 0.0.0.0:5000",
            "admin.address: a listener has the port of 127.0.0.1:5001; choose another one",
            "test.yaml line 4: cache.tagTtl: \"soon\" is not a time; write a number and ms, s, m,"
                + " h or d, for example 60s",
            "test.yaml line 12: upstreams.quay.io.ca: \"/nope\" is not a readable file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "listeners: [{address: x}, {address: ':5000'}]",
        "listeners: [5, {address: ':5000'}]",
        "listeners: [{address: ':5001x'}]",
        "admin: {address: ':5000x'}",
        "upstreams: {a.b: {access: all, accounts: [{username: me, password: x}]}}",
        "upstreams: {a.b: {access: anonymous, accounts: 5}}",
        "upstreams: {a.b: {access: anonymous, accounts: [{username: [me], password: x}]}}",
        "upstreams: {a.b: {access: anonymous, accounts: [{username: me, passwordFile: /nope}]}}",
        "upstreams: {a.b: {url: ftp://a.b}}",
        "upstreams: {'a:b:c': {}}",
        "defaultUpstream: [x]",
        "upstreams: {a.b: {acces: anonymous, accounts: [{username: me, password: x}]}}",
        "upstreams: {a.b: {access: anonymous, accounts: [{user: me, password: x}]}}",
        "upstreams: {a.b: {url: 'http://a.b', clientCerificate: /x}}",
      })
  void oneErrorIsNotToldAsSeveral(String yaml) {
    assertThat(Loading.errorOfFile(yaml)).doesNotContain("\n");
  }

  @Test
  void fileFullOfErrorsIsCutShort() {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      yaml.append("unknown").append(i).append(": 1\n");
    }
    assertThat(Loading.errorOfFile(yaml.toString()))
        .hasLineCount(51)
        .endsWith("and 10 more errors");
  }

  @Test
  void keyWrittenTwiceIsRefused() {
    assertThat(Loading.errorOfFile("log:\n  level: info\n  level: warn\n"))
        .isEqualTo("test.yaml line 3: log.level: the key is there twice; remove one");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cache: [", "a: b: c", "\tx: 1", "--- 1\n--- 2\n", "a: &x [*x]", "? [a]\n: b"})
  void whatIsNotOurYamlIsRefusedInOneLine(String yaml) {
    assertThat(Loading.errorOfFile(yaml)).startsWith("test.yaml line ").doesNotContain("\n");
  }

  @Test
  void controlCharactersAreRefusedInOneLine() {
    assertThat(Loading.errorOfFile("log: {level: \u0001}"))
        .startsWith("test.yaml: not valid YAML")
        .doesNotContain("\n");
  }

  @Test
  void collidingListenersAreRefused() {
    assertThat(
            Loading.errorOfFile(
                "listeners:\n  - address: 0.0.0.0:5000\n  - address: 127.0.0.1:5000\n"))
        .isEqualTo(
            "test.yaml line 3: listeners[1].address: another listener has the port of"
                + " 127.0.0.1:5000; choose another one");
  }

  @Test
  void adminPortOfAListenerIsRefused() {
    assertThat(Loading.errorOfFile("admin:\n  address: 127.0.0.1:5000\n"))
        .isEqualTo(
            "test.yaml line 2: admin.address: a listener has the port of 127.0.0.1:5000; choose"
                + " another one");
  }

  @Test
  void missingFileNamesTheFlag() {
    Path missing = directory.resolve("missing.yaml");
    assertThat(Loading.error(() -> ConfigFile.read(missing)))
        .isEqualTo(
            "configuration file " + missing + " does not exist; give another one with --config");
  }

  @Test
  void directoryIsNoFile() {
    assertThat(Loading.error(() -> ConfigFile.read(directory)))
        .isEqualTo("configuration file " + directory + " is a directory; name a file");
  }

  @Test
  void binaryFileIsRefused() throws Exception {
    Path file = Files.write(directory.resolve("binary.yaml"), new byte[] {(byte) 0xff, 0});
    assertThat(Loading.error(() -> ConfigFile.read(file)))
        .isEqualTo("configuration file " + file + " is not UTF-8 text");
  }

  @Test
  void hugeFileIsRefusedUnread() throws Exception {
    Path file = Files.write(directory.resolve("huge.yaml"), new byte[(1 << 20) + 1]);
    assertThat(Loading.error(() -> ConfigFile.read(file)))
        .isEqualTo("configuration file " + file + " is larger than 1 MiB");
  }
}
