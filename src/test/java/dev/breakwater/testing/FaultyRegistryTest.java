package dev.breakwater.testing;

import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.ContentKind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The registry while nothing is scripted: what a client may rely on. */
class FaultyRegistryTest {
  private static final String REPOSITORY = "library/nginx";
  private static final String CLOSE = "Connection: close";

  private final TestImage image = TestImage.docker().layer(1_000).layer(700_000).build();
  private FaultyRegistry registry;

  @BeforeEach
  void start() {
    registry = FaultyRegistry.start().put(REPOSITORY, "1.27", image);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RawClient.Reply get(String path, String... headers) throws Exception {
    List<String> all = new java.util.ArrayList<>(List.of(headers));
    all.add(CLOSE);
    return RawClient.get(registry.url(), path, all.toArray(String[]::new));
  }

  private String layerPath(int layer) {
    return "/v2/" + REPOSITORY + "/blobs/" + image.layer(layer).digest();
  }

  @Test
  void manifestComesByTagAndByDigest() throws Exception {
    for (String reference : List.of("1.27", image.digest().toString())) {
      RawClient.Reply reply = get("/v2/" + REPOSITORY + "/manifests/" + reference);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.body()).isEqualTo(image.manifest().bytes());
      assertThat(reply.head())
          .contains("Content-Type: " + image.mediaType())
          .contains("Docker-Content-Digest: " + image.digest())
          .contains("ETag: \"" + image.digest() + "\"")
          .contains("Content-Length: " + image.manifest().size());
    }
    assertThat(registry.count(manifest().get())).isEqualTo(2);
    assertThat(registry.bytesSent(image.digest())).isEqualTo(2 * image.manifest().size());
  }

  @Test
  void unchangedManifestIsNotSentAgain() throws Exception {
    RawClient.Reply reply =
        get("/v2/" + REPOSITORY + "/manifests/1.27", "If-None-Match: \"" + image.digest() + "\"");
    assertThat(reply.status()).isEqualTo(304);
    assertThat(reply.body()).isEmpty();
  }

  @Test
  void headHasTheLengthAndNoBody() throws Exception {
    try (RawClient client = new RawClient(registry.url())) {
      client.request("HEAD", layerPath(1), CLOSE);
      RawClient.Reply reply = client.readToEnd();
      assertThat(reply.head()).contains("Content-Length: 700000");
      assertThat(reply.body()).isEmpty();
    }
    assertThat(registry.count(blob(image.layer(1).digest()).head())).isEqualTo(1);
    assertThat(registry.bytesSent(image.layer(1).digest())).isZero();
  }

  @Test
  void blobComesWholeAndInParts() throws Exception {
    byte[] whole = image.layer(1).bytes();
    assertThat(get(layerPath(1)).body()).isEqualTo(whole);
    RawClient.Reply middle = get(layerPath(1), "Range: bytes=5-8");
    assertThat(middle.status()).isEqualTo(206);
    assertThat(middle.head()).contains("Content-Range: bytes 5-8/700000");
    assertThat(middle.body()).isEqualTo(image.layer(1).bytes(5, 4));
    assertThat(get(layerPath(1), "Range: bytes=699990-").body())
        .isEqualTo(image.layer(1).bytes(699_990, 10));
    assertThat(get(layerPath(1), "Range: bytes=-3").body())
        .isEqualTo(image.layer(1).bytes(699_997, 3));
    RawClient.Reply beyond = get(layerPath(1), "Range: bytes=700000-");
    assertThat(beyond.status()).isEqualTo(416);
    assertThat(beyond.head()).contains("Content-Range: bytes */700000");
    assertThat(registry.bytesSent(image.layer(1).digest())).isEqualTo(700_000 + 4 + 10 + 3);
  }

  @Test
  void unknownThingsAreTheSpecificationsErrors() throws Exception {
    assertThat(new String(get("/v2/" + REPOSITORY + "/manifests/nope").body(), UTF_8))
        .contains("MANIFEST_UNKNOWN");
    assertThat(new String(get("/v2/library/other/manifests/1").body(), UTF_8))
        .contains("NAME_UNKNOWN");
    String absent = Content.of("absent").digest().toString();
    assertThat(new String(get("/v2/" + REPOSITORY + "/blobs/" + absent).body(), UTF_8))
        .contains("BLOB_UNKNOWN");
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  @Test
  void blobIsNotFoundThroughAnotherRepository() throws Exception {
    registry.put("library/other", "1", TestImage.docker().seed(9).layer(10).build());
    assertThat(get("/v2/library/other/blobs/" + image.layer(0).digest()).status()).isEqualTo(404);
  }

  @Test
  void tagsMoveAndGo() throws Exception {
    TestImage newer = TestImage.oci().seed(2).layer(10).build();
    registry.put(REPOSITORY, newer);
    registry.moveTag(REPOSITORY, "1.27", newer);
    assertThat(get("/v2/" + REPOSITORY + "/manifests/1.27").body())
        .isEqualTo(newer.manifest().bytes());
    registry.deleteTag(REPOSITORY, "1.27");
    assertThat(get("/v2/" + REPOSITORY + "/manifests/1.27").status()).isEqualTo(404);
    assertThat(get("/v2/" + REPOSITORY + "/manifests/" + newer.digest()).status()).isEqualTo(200);
    registry.deleteManifest(REPOSITORY, newer.digest());
    assertThat(get("/v2/" + REPOSITORY + "/manifests/" + newer.digest()).status()).isEqualTo(404);
    registry.deleteBlob(REPOSITORY, image.layer(0).digest());
    assertThat(get(layerPath(0)).status()).isEqualTo(404);
    registry.deleteRepository(REPOSITORY);
    assertThat(get(layerPath(1)).status()).isEqualTo(404);
  }

  @Test
  void tagListComesInPages() throws Exception {
    registry.close();
    registry = FaultyRegistry.builder().tagPage(2).start();
    for (String tag : List.of("c", "a", "b")) {
      registry.put(REPOSITORY, tag, image);
    }
    RawClient.Reply first = get("/v2/" + REPOSITORY + "/tags/list");
    assertThat(new String(first.body(), UTF_8)).contains("[\"a\",\"b\"]");
    assertThat(first.head())
        .contains("Link: </v2/library/nginx/tags/list?last=b&n=2>; rel=\"next\"");
    RawClient.Reply second = get("/v2/" + REPOSITORY + "/tags/list?last=b&n=2");
    assertThat(new String(second.body(), UTF_8)).contains("[\"c\"]");
    assertThat(second.head()).doesNotContain("Link:");
  }

  @Test
  void referrersAreListedAndFiltered() throws Exception {
    TestImage signature = TestImage.oci().subject(image).artifactType("a/signature").build();
    TestImage bill = TestImage.oci().seed(2).subject(image).artifactType("a/bill").build();
    registry.put(REPOSITORY, signature).put(REPOSITORY, bill);
    String path = "/v2/" + REPOSITORY + "/referrers/" + image.digest();
    assertThat(new String(get(path).body(), UTF_8))
        .contains(signature.digest().toString(), bill.digest().toString());
    RawClient.Reply filtered = get(path + "?artifactType=a%2Fbill");
    assertThat(filtered.head()).contains("OCI-Filters-Applied: artifactType");
    assertThat(new String(filtered.body(), UTF_8))
        .contains(bill.digest().toString())
        .doesNotContain(signature.digest().toString());
  }

  @Test
  void registryMayHaveNeitherReferrersNorRanges() throws Exception {
    registry.close();
    registry = FaultyRegistry.builder().withoutReferrers().withoutRanges().start();
    registry.put(REPOSITORY, "1.27", image);
    assertThat(get("/v2/" + REPOSITORY + "/referrers/" + image.digest()).status()).isEqualTo(404);
    RawClient.Reply whole = get(layerPath(0), "Range: bytes=5-8");
    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.body()).hasSize(1_000);
  }

  @Test
  void pullLimitCountsGetsOfManifestsOnly() throws Exception {
    registry.close();
    registry = FaultyRegistry.builder().pullLimit(1).retryAfter(Duration.ofSeconds(7)).start();
    registry.put(REPOSITORY, "1.27", image);
    String path = "/v2/" + REPOSITORY + "/manifests/1.27";
    try (RawClient client = new RawClient(registry.url())) {
      client.request("HEAD", path);
      assertThat(client.readHead())
          .contains("ratelimit-limit: 1;w=21600")
          .contains("ratelimit-remaining: 1;w=21600");
    }
    assertThat(get(path).head()).contains("ratelimit-remaining: 0;w=21600");
    RawClient.Reply refused = get(path);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.head()).contains("Retry-After: 7");
    assertThat(new String(refused.body(), UTF_8)).contains("TOOMANYREQUESTS");
    assertThat(get(layerPath(0)).status()).isEqualTo(200);
    registry.resetPullLimit();
    assertThat(get(path).status()).isEqualTo(200);
    registry.pullsLeft(Admission.ANONYMOUS, 0);
    assertThat(get(path).status()).isEqualTo(429);
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrderOnOneConnection() throws Exception {
    try (RawClient client = new RawClient(registry.url())) {
      String request = "GET " + layerPath(0) + " HTTP/1.1\r\nHost: raw\r\n";
      client.send(request + "Range: bytes=0-1\r\n\r\n" + request + "Range: bytes=2-3\r\n\r\n");
      client.readHead();
      assertThat(client.read(2)).isEqualTo(image.layer(0).bytes(0, 2));
      client.readHead();
      assertThat(client.read(2)).isEqualTo(image.layer(0).bytes(2, 2));
    }
    assertThat(registry.connections(Listener.REGISTRY)).isEqualTo(1);
    assertThat(registry.requests())
        .extracting(r -> r.range().orElse(""))
        .containsExactly("bytes=0-1", "bytes=2-3");
  }

  @Test
  void doubtfulRequestsAreRefused() throws Exception {
    for (String doubtful :
        List.of(
            "GET /v2/ HTTP/1.1\r\n\r\n",
            "GET /v2/ HTTP/1.1\nHost: a\n\n",
            "GET /v2/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /v2/ HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
            "GET http://a/v2/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /v2/ HTTP/2.0\r\nHost: a\r\n\r\n",
            "POST /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "POST /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
            "POST /v2/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n")) {
      try (RawClient client = new RawClient(registry.url())) {
        RawClient.Reply reply = client.send(doubtful).readToEnd();
        assertThat(reply.status()).as(doubtful).isEqualTo(400);
        assertThat(reply.end()).isEqualTo(RawClient.End.FIN);
      }
    }
    assertThat(registry.transcript()).contains("(not exactly one Host)");
  }

  @Test
  void bodiesOfRequestsAreRead() throws Exception {
    try (RawClient client = new RawClient(registry.url())) {
      client.request("POST", "/v2/", "Transfer-Encoding: chunked", "Expect: 100-continue");
      assertThat(client.readHead()).startsWith("HTTP/1.1 100 ");
      client.send("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
      assertThat(client.readHead()).startsWith("HTTP/1.1 405 ");
      assertThat(registry.requests().getFirst().body()).isEqualTo("abcde");
      assertThat(registry.requestsContaining("abcde")).hasSize(1);
    }
  }

  @Test
  void waitingForRequestsThatDoNotComeFails() {
    assertThatThrownBy(() -> registry.awaitRequests(any(), 1, Duration.ZERO))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("any request");
    assertThat(registry.maxConcurrent(ContentKind.BLOB)).isZero();
  }

  @Test
  void repositoryMayBeNamedLikeAResource() throws Exception {
    registry.put("a/manifests/b", "blobs", image);
    assertThat(get("/v2/a/manifests/b/manifests/blobs").status()).isEqualTo(200);
    assertThat(registry.requests().getLast().repository()).isEqualTo("a/manifests/b");
  }
}
