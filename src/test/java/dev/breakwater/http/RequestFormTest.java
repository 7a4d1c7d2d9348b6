package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.RawClient.Answer;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are unusual and valid: absolute targets, HTTP/1.0, Expect without a body. */
class RequestFormTest {
  private static final String HOST = "Host: m:5000\r\n";
  private static final String HUB = "{\"schemaVersion\":2}";
  private static final String GHCR = "{\"schemaVersion\":2,\"from\":\"ghcr.io\"}";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = new TestServer();
    server.hub.putManifest("library/redis", "7", HUB);
    server.ghcr.putManifest("library/redis", "7", GHCR);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://m:5000/v2/",
        "HTTP://m/v2/",
        "https://m:5000/v2/",
        "http://[::1]:5000/v2/",
        "http://m/v2/?ns=docker.io",
        "http://m/v2/library/redis/manifests/7?ns=docker.io"
      })
  void absoluteTargetIsAnsweredLikeItsPath(String target) throws IOException {
    try (RawClient client = server.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n");
        assertThat(client.read().status()).isEqualTo(200);
      }
      client.send("HEAD " + target + " HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(client.readHead().status()).isEqualTo(200);
    }
  }

  @Test
  void absoluteTargetWithoutAPathMeansTheRoot() throws IOException {
    try (RawClient client = server.connect()) {
      client.sendHead("GET / HTTP/1.1", "Host: m");
      int root = client.read().status();
      for (String target : new String[] {"http://m", "http://m?x=1"}) {
        client.sendHead("GET " + target + " HTTP/1.1", "Host: m");
        assertThat(client.read().status()).as(target).isEqualTo(root);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://ghcr.io, m:5000, true",
    "http://ghcr.io:80, m:5000, true",
    "http://m:5000, ghcr.io, false",
    "'', ghcr.io, true",
    "'', m:5000, false"
  })
  void hostOfTheTargetCountsMoreThanTheHostHeader(String target, String host, boolean isGhcr)
      throws IOException {
    try (RawClient client = server.connect()) {
      client.sendHead("GET " + target + "/v2/library/redis/manifests/7 HTTP/1.1", "Host: " + host);
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo(isGhcr ? GHCR : HUB);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http:///v2/",
        "http://me:secret@m/v2/",
        "http://m:port/v2/",
        "http://m/../v2/",
        "http://m//v2/",
        "http://m/v2/%2e%2e/x",
        "http://m#x",
        "ftp://m/v2/",
        "m:5000/v2/",
        "v2/"
      })
  void malformedTargetIsRefused(String target) throws IOException {
    try (RawClient client = server.connect()) {
      client.sendHead("GET " + target + " HTTP/1.1", "Host: m");
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(400);
      RefusalTest.assertIsOciError(answer);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void absoluteTargetNeedsAHostHeaderInHttp11AllTheSame() throws IOException {
    try (RawClient client = server.connect()) {
      client.sendHead("GET http://m/v2/ HTTP/1.1");
      assertThat(client.read().status()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v2/library/redis/manifests/7 HTTP/1.0",
        "GET http://m/v2/library/redis/manifests/7 HTTP/1.0"
      })
  void http10NeedsNoHost(String line) throws IOException {
    try (RawClient client = server.connect()) {
      client.sendHead(line);
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo(HUB);
      assertThat(client.isAtEnd()).as("without keep-alive the connection ends").isTrue();
    }
  }

  @Test
  void http10WithAHostIsSentToThatRegistryAndMayKeepTheConnection() throws IOException {
    try (RawClient client = server.connect()) {
      for (int i = 0; i < 2; i++) {
        client.sendHead(
            "GET /v2/library/redis/manifests/7 HTTP/1.0",
            "Host: ghcr.io",
            "Connection: keep-alive");
        assertThat(client.read().text()).isEqualTo(GHCR);
      }
    }
  }

  @Test
  void http10WithTwoHostsIsRefused() throws IOException {
    try (RawClient client = server.connect()) {
      client.sendHead("GET /v2/ HTTP/1.0", "Host: a", "Host: b");
      assertThat(client.read().status()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"100-continue", "100-Continue"})
  void expectOnARequestWithoutABodyIsIgnored(String expectation) throws IOException {
    try (RawClient client = server.connect()) {
      for (int i = 0; i < 2; i++) {
        client.sendHead(
            "GET /v2/library/redis/manifests/7 HTTP/1.1", "Host: m", "Expect: " + expectation);
        Answer answer = client.read();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo(HUB);
      }
      client.sendHead(
          "HEAD /v2/library/redis/manifests/7 HTTP/1.1",
          "Host: m",
          "Content-Length: 0",
          "Expect: " + expectation);
      assertThat(client.readHead().status()).isEqualTo(200);
      client.sendHead("GET /v2/ HTTP/1.0", "Expect: " + expectation);
      assertThat(client.read().status()).isEqualTo(200);
    }
  }
}
