package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.RawClient.Answer;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetupApiTest {
  private TestServer server;

  @BeforeEach
  void start() {
    server = new TestServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void recipeHasTheAddressByWhichTheClientCame() throws IOException {
    Answer answer = ask("GET /setup/docker HTTP/1.1", "Host: mirror.example:5000");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("Content-Type")).contains("text/plain; charset=utf-8");
    assertThat(answer.text())
        .startsWith("# Docker: /etc/docker/daemon.json")
        .contains("{\"registry-mirrors\": [\"http://mirror.example:5000\"]");
  }

  @Test
  void hostThatIsNoneIsReplacedByTheAddressOfTheListener() throws IOException {
    assertThat(ask("GET /setup/docker HTTP/1.1", "Host: mirror..example:5000").text())
        .contains("[\"http://127.0.0.1:" + server.port + "\"]");
    assertThat(ask("GET /setup/docker HTTP/1.0").text())
        .contains("[\"http://127.0.0.1:" + server.port + "\"]");
  }

  @Test
  void overviewHasEveryClientAndEveryUpstream() throws IOException {
    assertThat(ask("GET /setup HTTP/1.1", "Host: m").text())
        .contains("daemon.json", "hosts.toml", "registries.yaml", "buildkitd.toml", "kind.yaml")
        .contains("\"docker.io\":", "\"ghcr.io\":");
  }

  @Test
  void unknownClientGets404ThatNamesTheKnownOnes() throws IOException {
    Answer answer = ask("GET /setup/rkt HTTP/1.1", "Host: m");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).contains("docker, swarm, containerd");
  }

  @Test
  void rootIsTextForProgramsAndHtmlForBrowsers() throws IOException {
    Answer text = ask("GET / HTTP/1.1", "Host: m:5000", "Accept: */*");
    assertThat(text.status()).isEqualTo(200);
    assertThat(text.text()).contains("curl http://m:5000/setup/docker").doesNotContain("<");

    Answer html = ask("GET / HTTP/1.1", "Host: m:5000", "Accept: text/html,*/*;q=0.8");
    assertThat(html.field("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(html.text()).contains("<a href=\"/setup/docker\">", "http://m:5000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/setup", "/setup/docker"})
  void otherMethodsGet405(String path) throws IOException {
    Answer answer = ask("DELETE " + path + " HTTP/1.1", "Host: m");
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.field("Allow")).contains("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/setup", "/setup/docker"})
  void headHasTheLengthOfGet(String path) throws IOException {
    int length = ask("GET " + path + " HTTP/1.1", "Host: m").text().length();
    try (RawClient client = server.connect()) {
      Answer head = client.sendHead("HEAD " + path + " HTTP/1.1", "Host: m").readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.field("Content-Length")).contains(Integer.toString(length));
    }
  }

  private Answer ask(String... lines) throws IOException {
    try (RawClient client = server.connect()) {
      return client.sendHead(lines).read();
    }
  }
}
