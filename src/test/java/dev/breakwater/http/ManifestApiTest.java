package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.RawClient.Answer;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.Provenance;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything but blobs, over the wire. */
class ManifestApiTest {
  private static final String JSON = "{\"schemaVersion\":2,\"annotations\":{\"a\":\"\u00e4\"}}";

  private TestServer server;
  private Manifest manifest;

  @BeforeEach
  void start() {
    server = new TestServer();
    manifest = server.hub.putManifest("library/redis", "7", JSON);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Answer get(String path) throws IOException {
    return get(path, "");
  }

  private Answer get(String path, String fields) throws IOException {
    try (RawClient client = server.connect()) {
      return client.send("GET " + path + " HTTP/1.1\r\nHost: m:5000\r\n" + fields + "\r\n").read();
    }
  }

  @Test
  void pingAnswersAnEmptyObject() throws IOException {
    for (String path : List.of("/v2/", "/v2", "/docker.io/v2/")) {
      Answer answer = get(path);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("{}");
      assertThat(answer.field("Content-Type")).contains("application/json");
      assertThat(answer.field("Docker-Distribution-API-Version")).contains("registry/2.0");
      assertThat(answer.field("Cache-Status")).contains("breakwater");
      assertThat(answer.field("WWW-Authenticate")).isEmpty();
    }
  }

  @Test
  void manifestComesByteForByteWithEveryHeaderClientsNeed() throws IOException {
    server.hub.provenance = Provenance.hit(42);

    Answer answer = get("/v2/library/redis/manifests/7");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(manifest.bytes());
    assertThat(answer.field("Content-Type")).contains("application/vnd.oci.image.manifest.v1+json");
    assertThat(answer.field("Content-Length")).contains("" + manifest.size());
    assertThat(answer.field("Docker-Content-Digest")).contains(manifest.digest().toString());
    assertThat(answer.field("ETag")).contains('"' + manifest.digest().toString() + '"');
    assertThat(answer.field("Cache-Status")).contains("breakwater; hit; ttl=42");
    assertThat(answer.field("X-Content-Type-Options")).contains("nosniff");
  }

  @Test
  void headCarriesTheSameNumbersAndNoBody() throws IOException {
    try (RawClient client = server.connect()) {
      Answer head =
          client.send("HEAD /v2/library/redis/manifests/7 HTTP/1.1\r\nHost: m\r\n\r\n").readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.field("Content-Length")).contains("" + manifest.size());
      assertThat(head.field("Docker-Content-Digest")).contains(manifest.digest().toString());

      assertThat(client.get("/v2/library/redis/manifests/7").read().text()).isEqualTo(JSON);
    }
  }

  @Test
  void headOfAMissSaysThatNothingWasStored() throws IOException {
    server.hub.provenance = Provenance.MISS;
    try (RawClient client = server.connect()) {
      Answer head =
          client.send("HEAD /v2/library/redis/manifests/7 HTTP/1.1\r\nHost: m\r\n\r\n").readHead();
      assertThat(head.field("Cache-Status")).contains("breakwater; fwd=uri-miss; fwd-status=200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "TAG", "W/TAG", "\"other\", TAG", "\"a\",W/TAG,\"b\""})
  void knownManifestIsNotSentAgain(String condition) throws IOException {
    String tag = '"' + manifest.digest().toString() + '"';
    try (RawClient client = server.connect()) {
      String request =
          "GET /v2/library/redis/manifests/7 HTTP/1.1\r\nHost: m\r\nIf-None-Match: "
              + condition.replace("TAG", tag)
              + "\r\n\r\n";

      Answer answer = client.send(request).read();

      assertThat(answer.status()).isEqualTo(304);
      assertThat(answer.field("ETag")).contains(tag);
      assertThat(answer.field("Docker-Content-Digest")).contains(manifest.digest().toString());
      assertThat(client.get("/v2/library/redis/manifests/7").read().status()).isEqualTo(200);
    }
  }

  @Test
  void otherTagIsSentInFull() throws IOException {
    assertThat(get("/v2/library/redis/manifests/7", "If-None-Match: \"sha256:0\"\r\n").status())
        .isEqualTo(200);
  }

  @Test
  void manyPipelinedRequestsAreAnsweredInOrder() throws IOException {
    Manifest other = server.ghcr.putManifest("a/b", "x", "{\"schemaVersion\":2,\"n\":1}");
    try (RawClient client = server.connect()) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 100; i++) {
        requests.append(
            i % 2 == 0
                ? "GET /v2/library/redis/manifests/7 HTTP/1.1\r\nHost: m\r\n\r\n"
                : "GET /v2/ghcr.io/a/b/manifests/x HTTP/1.1\r\nHost: m\r\n\r\n");
      }
      client.send(requests.toString());
      for (int i = 0; i < 100; i++) {
        assertThat(client.read().body()).isEqualTo((i % 2 == 0 ? manifest : other).bytes());
      }
    }
  }

  @Test
  void slowAnswerHoldsBackTheQuickOneBehindIt() throws IOException {
    Promise<Void> gate = Promise.promise();
    server.hub.gate = gate.future();
    server.ghcr.putManifest("a/b", "x", "{}");
    try (RawClient client = server.connect()) {
      client.get("/v2/library/redis/manifests/7").get("/v2/ghcr.io/a/b/manifests/x");
      gate.complete();
      assertThat(client.read().text()).isEqualTo(JSON);
      assertThat(client.read().text()).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/library/none/manifests/7, 404, MANIFEST_UNKNOWN",
    "/v2/library/redis/manifests/.INVALID, 404, MANIFEST_UNKNOWN",
    "/v2/library/redis/manifests/sha256:totallywrong, 400, DIGEST_INVALID",
    "/v2/library/redis/blobs/sha256:totallywrong, 400, DIGEST_INVALID",
    "/v2/library/REDIS/manifests/7, 400, NAME_INVALID",
    "/v2/library/none/tags/list, 404, NAME_UNKNOWN",
    "/v2/_catalog?ns=unknown.example, 404, NAME_UNKNOWN",
    "/nowhere/v2/_catalog, 404, NAME_UNKNOWN",
    "/elsewhere, 404, PATH_UNKNOWN",
    "/v1/search, 404, PATH_UNKNOWN",
    "/v2/redis/manifests/7?ns=unknown.example, 404, NAME_UNKNOWN",
    "/v2/redis/manifests/7?ns=169.254.169.254, 404, NAME_UNKNOWN",
    "/v2/redis/manifests/7?ns=localhost:6379, 404, NAME_UNKNOWN",
    "/v2/redis/manifests/7?ns=a@b, 400, REQUEST_INVALID",
    "/v2/redis/manifests/7?ns=docker.io%00.evil, 400, REQUEST_INVALID",
    "/v2/redis/manifests/7?ns=d%C3%B6cker.io, 400, REQUEST_INVALID",
    "/v2/redis/manifests/7?ns=https://docker.io, 400, REQUEST_INVALID",
    "/v2/redis/manifests/7?ns=, 400, REQUEST_INVALID",
    "/v2/redis/manifests/7?ns=docker.io&ns=docker.io, 400, REQUEST_INVALID",
    "/v2/redis/manifests/7?ns=%zz, 400, REQUEST_INVALID",
    "/v2/redis/manifests/7?ns=%ff, 400, REQUEST_INVALID",
    "/nowhere/v2/redis/manifests/7, 404, NAME_UNKNOWN",
  })
  void refusalIsAnOciErrorAndTheConnectionGoesOn(String path, int status, String code)
      throws IOException {
    try (RawClient client = server.connect()) {
      Answer answer = client.get(path).read();

      assertThat(answer.status()).isEqualTo(status);
      RefusalTest.assertIsOciError(answer);
      assertThat(answer.text()).contains("\"" + code + "\"");
      assertThat(answer.field("Cache-Status"))
          .contains("breakwater; detail=" + code.toLowerCase(java.util.Locale.ROOT));
      assertThat(client.get("/v2/").read().status()).isEqualTo(200);
    }
  }

  @Test
  void headErrorHasTheHeadersAndNoBody() throws IOException {
    try (RawClient client = server.connect()) {
      Answer head = client.send("HEAD /v2/a/b/manifests/x HTTP/1.1\r\nHost: m\r\n\r\n").readHead();
      assertThat(head.status()).isEqualTo(404);
      assertThat(head.field("Content-Type")).contains("application/json");
      assertThat(client.get("/v2/").read().text()).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
  void writingIsRefusedByNameAndTheConnectionGoesOn(String method) throws IOException {
    try (RawClient client = server.connect()) {
      Answer answer =
          client
              .send(
                  method + " /v2/a/b/manifests/x HTTP/1.1\r\nHost: m\r\nContent-Length: 0\r\n\r\n")
              .read();
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.field("Allow")).contains("GET, HEAD");
      RefusalTest.assertIsOciError(answer);
      assertThat(answer.text()).contains("UNSUPPORTED", method);
      assertThat(client.get("/v2/").read().status()).isEqualTo(200);
    }
  }

  @Test
  void namespaceChoosesTheRegistryAndIsRepeated() throws IOException {
    server.ghcr.putManifest("a/b", "x", "{\"from\":\"ghcr\"}");

    Answer answer = get("/v2/a/b/manifests/x?ns=ghcr.io");

    assertThat(answer.text()).contains("ghcr");
    assertThat(answer.field("OCI-Namespace")).contains("ghcr.io");
    assertThat(get("/v2/redis/manifests/7?ns=registry-1.docker.io").text()).isEqualTo(JSON);
    assertThat(get("/v2/redis/manifests/7").field("OCI-Namespace")).isEmpty();
  }

  @Test
  void unavailableUpstreamIs503WithRetryAfter() throws IOException {
    server.hub.failure =
        new RegistryException(
            ErrorCode.UNAVAILABLE, "docker.io is unavailable", Duration.ofMillis(1500), null);

    Answer answer = get("/v2/library/redis/manifests/7");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.field("Retry-After")).contains("2");
    assertThat(answer.text()).contains("docker.io is unavailable");
  }

  @Test
  void defectIs500AndTellsNothingOfTheInside() throws IOException {
    server.hub.failure = new IllegalStateException("secret: /var/lib/x");

    Answer answer = get("/v2/library/redis/manifests/7");

    assertThat(answer.status()).isEqualTo(500);
    RefusalTest.assertIsOciError(answer);
    assertThat(answer.text()).contains("UNKNOWN").doesNotContain("secret", "IllegalState");
  }

  @Test
  void staleAnswerSaysSo() throws IOException {
    server.hub.provenance = Provenance.stale("upstream-timeout");

    Answer answer = get("/v2/library/redis/manifests/7");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("Cache-Status"))
        .contains("breakwater; fwd=stale; detail=upstream-timeout");
  }

  @Test
  void requestsAreCountedByRegistryKindAndResult() throws IOException {
    get("/v2/library/redis/manifests/7");
    server.hub.provenance = new Provenance(CacheResult.MISS, -1, 200, null);
    get("/v2/library/redis/manifests/7");

    String start = "breakwater_requests_total{code_class=\"2xx\",kind=\"manifest\",method=\"GET\",";
    server.awaitMetric(start + "result=\"hit\",upstream=\"docker.io\"} 1.0");
    server.awaitMetric(start + "result=\"miss\",upstream=\"docker.io\"} 1.0");
    String bytes = "breakwater_served_bytes_total{kind=\"manifest\",source=";
    server.awaitMetric(bytes + "\"cache\",upstream=\"docker.io\"} " + (double) manifest.size());
    server.awaitMetric(bytes + "\"stream\",upstream=\"docker.io\"} " + (double) manifest.size());
  }

  @Test
  void referrersAreAnsweredAsAnIndexAndSayWhatWasFiltered() throws IOException {
    String path = "/v2/library/redis/referrers/" + manifest.digest();

    Answer filtered = get(path + "?artifactType=application%2Fvnd.x%2Bjson");
    assertThat(filtered.status()).isEqualTo(200);
    assertThat(filtered.field("Content-Type")).contains("application/vnd.oci.image.index.v1+json");
    assertThat(filtered.field("OCI-Filters-Applied")).contains("artifactType");
    assertThat(server.hub.askedArtifactType).contains("application/vnd.x+json");

    Answer all = get(path + "?artifactType=a&artifactType=b");
    assertThat(all.field("OCI-Filters-Applied")).isEmpty();
    assertThat(server.hub.askedArtifactType).isEmpty();
  }
}
