package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.RawClient.Answer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which methods each resource answers, and what it says to the others. */
class EndpointTest {
  private static final String DIGEST =
      "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = new TestServer();
    server.hub.putManifest("a/b", "x", "{}");
    server.hub.putTags("a/b", List.of("x"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/",
        "/v2/a/b/manifests/x",
        "/v2/a/b/blobs/" + DIGEST,
        "/v2/a/b/tags/list",
        "/v2/a/b/referrers/" + DIGEST
      })
  void whatCanBeReadAnswersGetAndHeadOnly(String path) throws IOException {
    try (RawClient client = server.connect()) {
      for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "OPTIONS")) {
        Answer answer = refused(client, method, path);
        assertThat(answer.field("Allow")).as(method).contains("GET, HEAD");
        assertThat(answer.text()).contains(method + " is not supported here, only GET, HEAD");
      }
      assertThat(client.get(path).read().status()).isNotEqualTo(405);
      client.sendHead("HEAD " + path + " HTTP/1.1", "Host: m");
      assertThat(client.readHead().status()).isNotEqualTo(405);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/a/b/blobs/uploads/", "/v2/a/b/blobs/uploads/some-session"})
  void whatAMirrorDoesNotHaveAnswersNoMethod(String path) throws IOException {
    try (RawClient client = server.connect()) {
      for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")) {
        Answer answer = refused(client, method, path);
        assertThat(answer.field("Allow")).as(method).contains("");
        assertThat(answer.text()).contains(method + " is not supported here: this is a mirror");
      }
    }
  }

  @Test
  void unknownRegistryIsNamedWhateverTheMethod() throws IOException {
    try (RawClient client = server.connect()) {
      client.sendHead("PUT /v2/a/b/manifests/x?ns=unknown.example HTTP/1.1", "Host: m");
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.text()).contains("NAME_UNKNOWN");
      assertThat(answer.field("Allow")).isEmpty();
    }
  }

  private static Answer refused(RawClient client, String method, String path) throws IOException {
    Answer answer = client.sendHead(method + " " + path + " HTTP/1.1", "Host: m").read();
    assertThat(answer.status()).isEqualTo(405);
    RefusalTest.assertIsOciError(answer);
    assertThat(answer.text()).contains("UNSUPPORTED");
    return answer;
  }
}
