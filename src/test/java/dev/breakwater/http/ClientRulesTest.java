package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.access.Rule;
import dev.breakwater.access.Rules;
import dev.breakwater.http.RawClient.Answer;
import dev.breakwater.http.ServerSettings.Face;
import dev.breakwater.oci.Action;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.ZoneName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code access.rules} let through, over raw sockets. */
class ClientRulesTest {
  private static final Digest BLOB = Digest.ofSha256("layer".getBytes(StandardCharsets.UTF_8));
  private static final String ALICE = basic("alice:canary-right");

  private TestServer server;
  private Manifest manifest;

  private static Rule rule(String who, String registry, String repositories) {
    return new Rule(
        List.of(who),
        List.of(new ZoneName(registry)),
        List.of(RepositoryPattern.parse(repositories)),
        Set.of(Action.PULL));
  }

  /** All pull from the library of Docker Hub; the group dev, alice's, from team/ there too. */
  private void start(Face face) {
    start(face, rule("anonymous", "docker.io", "library/*"), rule("@dev", "docker.io", "team/*"));
  }

  private void start(Face face, Rule... rules) {
    server = new TestServer(face, ClientLoginTest.users(new Rules(List.of(rules))));
    for (FakeRegistry registry : List.of(server.hub, server.ghcr)) {
      for (String name : List.of("library/redis", "team/app")) {
        manifest = registry.putManifest(name, "7", "{\"schemaVersion\":2}");
        registry.putTags(name, List.of("7"));
      }
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String basic(String text) {
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private Answer ask(String method, String path, String authorization) throws IOException {
    try (RawClient client = server.connect()) {
      client.send(
          method
              + " "
              + path
              + " HTTP/1.1\r\nHost: m:5000\r\nRange: bytes=0-1\r\n"
              + (authorization.isEmpty() ? "" : "Authorization: " + authorization + "\r\n")
              + "\r\n");
      return method.equals("HEAD") ? client.readHead() : client.read();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"manifests/7", "manifests/DIGEST", "blobs/BLOB", "tags/list", "referrers/DIGEST"})
  void everyResourceIsClosedToWhoMayNotPull(String resource) throws IOException {
    start(Face.BOTH);
    String path =
        "/v2/team/app/"
            + resource
                .replace("DIGEST", manifest.digest().toString())
                .replace("BLOB", BLOB.toString());
    boolean[] asked = {false};
    server.hub.onAsked = () -> asked[0] = true;
    for (String method : List.of("GET", "HEAD")) {
      Answer anonymous = ask(method, path, "");
      assertThat(anonymous.status()).isEqualTo(401);
      assertThat(anonymous.statusLine()).endsWith("a login is needed");
      assertThat(anonymous.field("WWW-Authenticate")).isPresent();
    }
    assertThat(asked[0]).isFalse();

    ask("GET", path, ALICE);
    assertThat(asked[0]).isTrue();
  }

  @Test
  void theSameRepositoryIsTheSameByWhateverPathItIsAskedFor() throws IOException {
    start(Face.BOTH);
    for (String path :
        List.of(
            "/v2/ghcr.io/library/redis/manifests/7",
            "/v2/library/redis/manifests/7?ns=ghcr.io",
            "/ghcr.io/v2/library/redis/manifests/7",
            "/v2/docker.io/team/app/manifests/7",
            "/v2/team/app/manifests/7?ns=registry-1.docker.io",
            "/docker.io/v2/team/app/manifests/7")) {
      assertThat(ask("GET", path, "").status()).as(path).isEqualTo(401);
    }
    for (String path :
        List.of(
            "/v2/redis/manifests/7",
            "/v2/library/redis/manifests/7?ns=docker.io",
            "/docker.io/v2/library/redis/manifests/7")) {
      assertThat(ask("GET", path, "").status()).as(path).isEqualTo(200);
    }
  }

  @Test
  void aUserWithoutTheRightIsDeniedWithoutAChallenge() throws IOException {
    start(Face.BOTH);

    Answer answer = ask("GET", "/v2/team/app/manifests/7?ns=ghcr.io", ALICE);

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.field("WWW-Authenticate")).isEmpty();
    assertThat(answer.text())
        .contains("DENIED", "this user may not pull team/app of ghcr.io: access.rules");
  }

  @Test
  void aMirrorDeniesWithoutAChallenge() throws IOException {
    start(Face.MIRROR);

    Answer answer = ask("GET", "/v2/team/app/manifests/7", "");

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.field("WWW-Authenticate")).isEmpty();
    assertThat(ask("GET", "/v2/team/app/manifests/7", basic("alice:wrong")).status())
        .isEqualTo(403);
    assertThat(ask("GET", "/v2/team/app/manifests/7", ALICE).status()).isEqualTo(200);
    assertThat(ask("GET", "/v2/", "").status()).isEqualTo(200);
  }

  @Test
  void whatDoesNotExistLooksTheSameToWhoMayNotPull() throws IOException {
    start(Face.BOTH);

    Answer there = ask("GET", "/v2/team/app/manifests/7", "");
    Answer absent = ask("GET", "/v2/team/app/manifests/8", "");

    assertThat(absent.text()).isEqualTo(there.text());
  }

  @Test
  void aMethodThatNoClientMayUseIsRefusedAsSuch() throws IOException {
    start(Face.BOTH);

    assertThat(ask("DELETE", "/v2/team/app/manifests/7", "").status()).isEqualTo(405);
  }

  @Test
  void theCatalogListsWhatTheClientMayPull() throws IOException {
    start(Face.BOTH);

    assertThat(ask("GET", "/v2/_catalog", "").text())
        .isEqualTo("{\"repositories\":[\"library/redis\"]}");
    assertThat(ask("GET", "/v2/_catalog", ALICE).text())
        .isEqualTo("{\"repositories\":[\"library/redis\",\"team/app\"]}");
    assertThat(ask("GET", "/v2/_catalog?ns=ghcr.io", ALICE).text())
        .isEqualTo("{\"repositories\":[]}");
  }

  @Test
  void aPageOfTheCatalogIsFullAlthoughMostNamesAreHidden() throws IOException {
    start(Face.BOTH, rule("anonymous", "docker.io", "z/*"));
    IntStream.range(0, 2_000).forEach(i -> server.hub.putTags("a/n" + i, List.of("1")));
    List.of("z/a", "z/b", "z/c").forEach(name -> server.hub.putTags(name, List.of("1")));

    Answer first = ask("GET", "/v2/_catalog?n=2", "");

    assertThat(first.text()).isEqualTo("{\"repositories\":[\"z/a\",\"z/b\"]}");
    assertThat(first.field("Link")).contains("</v2/_catalog?n=2&last=z/b>; rel=\"next\"");
    assertThat(ask("GET", "/v2/_catalog?n=2&last=z/b", "").text())
        .isEqualTo("{\"repositories\":[\"z/c\"]}");
  }
}
