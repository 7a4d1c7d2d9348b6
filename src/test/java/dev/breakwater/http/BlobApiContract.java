package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.http.RawClient.Answer;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Provenance;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs over the wire, however the bytes get there. */
abstract class BlobApiContract {
  private static final String BASE = "/v2/library/redis/blobs/";
  private static final int BIG = 3_000_001;

  @TempDir Path directory;
  private TestServer server;
  private FakeBlob small;
  private FakeBlob big;

  /** Whether the server under test lets the kernel send files. */
  abstract boolean zeroCopy();

  TestServer start(ServerSettings settings) {
    return new TestServer(settings);
  }

  @BeforeEach
  void start() {
    server = start(TestServer.settings(ServerSettings.Limits.DEFAULTS, zeroCopy()));
    small = put(2048, FakeBlob::whole);
    big = put(BIG, FakeBlob::whole);
  }

  @AfterEach
  void stop() {
    server.close();
    for (FakeBlob blob : new FakeBlob[] {small, big}) {
      blob.bodies.forEach(body -> TestServer.await(body.closed()));
    }
  }

  private FakeBlob put(int size, Function<FakeBlob, BlobBody> body) {
    FakeBlob blob = new FakeBlob(directory, size);
    server.hub.putBlob(blob.digest, size, () -> body.apply(blob));
    return blob;
  }

  private static String request(String method, FakeBlob blob, String... fields) {
    StringBuilder text =
        new StringBuilder(method + " " + BASE + blob.digest + " HTTP/1.1\r\nHost: m\r\n");
    for (String field : fields) {
      text.append(field).append("\r\n");
    }
    return text + "\r\n";
  }

  @Test
  void wholeBlobComesByteForByteWithEveryHeaderClientsNeed() throws IOException {
    try (RawClient client = server.connect()) {
      Answer answer = client.send(request("GET", big)).read();

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(big.content);
      assertThat(answer.field("Content-Length")).contains("" + BIG);
      assertThat(answer.field("Content-Type")).contains("application/octet-stream");
      assertThat(answer.field("Docker-Content-Digest")).contains(big.digest.toString());
      assertThat(answer.field("ETag")).contains('"' + big.digest.toString() + '"');
      assertThat(answer.field("Accept-Ranges")).contains("bytes");
      assertThat(answer.field("Cache-Control")).contains("max-age=31536000");
      assertThat(answer.field("Cache-Status")).contains("breakwater; hit");
      assertThat(answer.field("Docker-Distribution-API-Version")).contains("registry/2.0");
      assertThat(answer.field("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.field("Content-Encoding")).isEmpty();
      assertThat(answer.field("Transfer-Encoding")).isEmpty();
    }
  }

  @Test
  void headCarriesTheSameNumbersAndNoBody() throws IOException {
    try (RawClient client = server.connect()) {
      Answer head = client.send(request("HEAD", big, "Range: bytes=0-1")).readHead();

      assertThat(head.status()).isEqualTo(200);
      assertThat(head.field("Content-Length")).contains("" + BIG);
      assertThat(head.field("Docker-Content-Digest")).contains(big.digest.toString());
      assertThat(client.send(request("GET", small)).read().body()).isEqualTo(small.content);
    }
  }

  /** As the conformance tests of the distribution specification ask for ranges. */
  @ParameterizedTest
  @CsvSource({
    "500-1499, 500, 1499",
    "500-, 500, 2047",
    "-500, 1548, 2047",
    "2000-5000, 2000, 2047",
    "0-, 0, 2047",
    "0-0, 0, 0",
    "2047-2047, 2047, 2047",
    "-99999, 0, 2047"
  })
  void rangeIsAnsweredWithExactlyItsBytes(String range, int first, int last) throws IOException {
    try (RawClient client = server.connect()) {
      Answer answer = client.send(request("GET", small, "Range: bytes=" + range)).read();

      assertThat(answer.status()).isEqualTo(206);
      assertThat(answer.field("Content-Range")).contains("bytes " + first + "-" + last + "/2048");
      assertThat(answer.field("Content-Length")).contains("" + (last - first + 1));
      assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(small.content, first, last + 1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"500-0", "5000-10000", "2048-", "-0", "x-y", "-", "5", "99999999999999999999-"})
  void rangeThatCannotBeSatisfiedIs416AndTheConnectionGoesOn(String range) throws IOException {
    try (RawClient client = server.connect()) {
      Answer answer = client.send(request("GET", small, "Range: bytes=" + range)).read();

      assertThat(answer.status()).isEqualTo(416);
      assertThat(answer.field("Content-Range")).contains("bytes */2048");
      RefusalTest.assertIsOciError(answer);
      assertThat(client.send(request("GET", small)).read().body()).isEqualTo(small.content);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-1,5-6", "lines=1-2"})
  void rangeThatIsNotASingleByteRangeIsIgnored(String range) throws IOException {
    try (RawClient client = server.connect()) {
      Answer answer = client.send(request("GET", small, "Range: " + range)).read();

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(small.content);
    }
  }

  @Test
  void rangeHoldsOnlyWhileIfRangeNamesTheStrongTag() throws IOException {
    String tag = '"' + small.digest.toString() + '"';
    try (RawClient client = server.connect()) {
      String range = "Range: bytes=1-2";
      assertThat(client.send(request("GET", small, range, "If-Range: " + tag)).read().status())
          .isEqualTo(206);
      assertThat(client.send(request("GET", small, range, "If-Range: W/" + tag)).read().status())
          .isEqualTo(200);
      assertThat(client.send(request("GET", small, range, "If-Range: \"x\"")).read().status())
          .isEqualTo(200);
    }
  }

  @Test
  void knownBlobIsNotSentAgain() throws IOException {
    try (RawClient client = server.connect()) {
      Answer answer =
          client
              .send(request("GET", small, "If-None-Match: \"x\", W/\"" + small.digest + "\""))
              .read();

      assertThat(answer.status()).isEqualTo(304);
      assertThat(answer.field("ETag")).contains('"' + small.digest.toString() + '"');
      assertThat(client.send(request("GET", small)).read().body()).isEqualTo(small.content);
    }
  }

  static Stream<Arguments> ways() {
    return Stream.of(
        way("growing in small pieces", blob -> blob.growing(1777)),
        way("growing in large pieces", blob -> blob.growing(1_300_000)),
        way("many pieces at once", blob -> blob.pieces(500)),
        way("pieces larger than a region", blob -> blob.pieces(1024 * 1024)));
  }

  private static Arguments way(String name, Function<FakeBlob, BlobBody> body) {
    return Arguments.of(name, body);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ways")
  void blobThatComesInPiecesIsByteIdentical(String name, Function<FakeBlob, BlobBody> body)
      throws IOException {
    server.hub.provenance = Provenance.COLLAPSED;
    server.hub.putBlob(big.digest, BIG, () -> body.apply(big));
    try (RawClient client = server.connect()) {
      Answer answer = client.send(request("GET", big)).read();

      assertThat(answer.field("Cache-Status"))
          .contains("breakwater; fwd=uri-miss; fwd-status=200; stored; collapsed");
      assertThat(answer.body()).isEqualTo(big.content);

      Answer part = client.send(request("GET", big, "Range: bytes=999999-2000000")).read();
      assertThat(part.status()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(big.content, 999_999, 2_000_001));
    }
  }

  @Test
  void emptyBlobIsAnsweredEmpty() throws IOException {
    FakeBlob empty = put(0, FakeBlob::whole);
    try (RawClient client = server.connect()) {
      Answer answer = client.send(request("GET", empty)).read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.field("Content-Length")).contains("0");
      assertThat(client.send(request("GET", empty, "Range: bytes=0-")).read().status())
          .isEqualTo(416);
      assertThat(client.send(request("GET", small)).read().body()).isEqualTo(small.content);
    }
    TestServer.await(empty.bodies.getFirst().closed());
  }

  @Test
  void failureInTheMiddleEndsShortWithFinAndIsNoCompleteAnswer() throws IOException {
    server.hub.putBlob(big.digest, BIG, () -> big.failingAt(100_500));
    try (RawClient client = server.connect()) {
      Answer head = client.send(request("GET", big)).readFields();

      assertThat(head.status()).isEqualTo(200);
      assertThat(head.field("Content-Length")).contains("" + BIG);
      // An RST would be an exception here instead of an early end.
      assertThat(client.readToEnd()).isEqualTo(Arrays.copyOf(big.content, 100_500));
    }
  }

  @Test
  void failureInTheMiddleAnswersNoPipelinedRequest() throws IOException {
    server.hub.putBlob(big.digest, BIG, () -> big.failingAt(5_000));
    try (RawClient client = server.connect()) {
      client.send(request("GET", big) + request("GET", small)).readFields();

      assertThat(client.readToEnd()).isEqualTo(Arrays.copyOf(big.content, 5_000));
    }
  }

  @Test
  void failureBeforeTheFirstByteIsAProperError() throws IOException {
    server.hub.putBlob(big.digest, BIG, () -> big.failingAt(0));
    try (RawClient client = server.connect()) {
      Answer answer = client.send(request("GET", big)).read();

      assertThat(answer.status()).isEqualTo(503);
      RefusalTest.assertIsOciError(answer);
      assertThat(answer.field("Content-Range")).isEmpty();
      assertThat(client.send(request("GET", small)).read().body()).isEqualTo(small.content);
    }
  }

  @Test
  void headLeavesWhileTheFirstByteIsStillAwaited() throws IOException {
    server.hub.putBlob(big.digest, BIG, () -> big.silentAt(0));
    try (RawClient client = server.connect()) {
      Answer head = client.send(request("GET", big)).readFields();

      assertThat(head.status()).isEqualTo(200);
      assertThat(head.field("Content-Length")).contains("" + BIG);
    }
    TestServer.await(big.bodies.getFirst().closed());
  }

  @Test
  void clientThatLeavesWhileUpstreamIsAwaitedReleasesTheBody() throws IOException {
    server.hub.putBlob(big.digest, BIG, () -> big.silentAt(10_000));
    try (RawClient client = server.connect()) {
      client.send(request("GET", big)).readFields();
      client.readBytes(10_000);
    }
    TestServer.await(big.bodies.getFirst().closed());
  }

  @Test
  void clientThatLeavesInTheMiddleReleasesTheBodyAndCountsAsNoError() throws IOException {
    FakeBlob huge = put(40_000_000, FakeBlob::whole);
    try (RawClient client = server.connect()) {
      client.send(request("GET", huge)).readFields();
      client.readBytes(10_000);
    }
    TestServer.await(huge.bodies.getFirst().closed());
    server.awaitMetric(
        "breakwater_requests_total{code_class=\"2xx\",kind=\"blob\",method=\"GET\",result=\"hit\","
            + "upstream=\"docker.io\"} 1.0");
    assertThat(server.scrape())
        .doesNotContainPattern("requests_total\\{.*result=\"error\".*\\} [1-9]");
  }

  @Test
  void pipelinedBlobsComeInOrder() throws IOException {
    server.hub.putBlob(big.digest, BIG, () -> big.growing(100_000));
    try (RawClient client = server.connect()) {
      client.send(
          request("GET", big)
              + request("HEAD", big)
              + request("GET", small)
              + request("GET", big, "Range: bytes=5-10")
              + request("GET", small));

      assertThat(client.read().body()).isEqualTo(big.content);
      assertThat(client.readHead().field("Content-Length")).contains("" + BIG);
      assertThat(client.read().body()).isEqualTo(small.content);
      assertThat(client.read().body()).isEqualTo(Arrays.copyOfRange(big.content, 5, 11));
      assertThat(client.read().body()).isEqualTo(small.content);
    }
  }

  @Test
  void missingBlobIs404() throws IOException {
    FakeBlob other = new FakeBlob(directory, 77);
    try (RawClient client = server.connect()) {
      Answer answer = client.send(request("GET", other)).read();
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.text()).contains("BLOB_UNKNOWN");
      assertThat(client.send(request("HEAD", other)).readHead().status()).isEqualTo(404);
      assertThat(client.send(request("GET", small)).read().body()).isEqualTo(small.content);
    }
  }

  @Test
  void theRawClientItselfNoticesAShortBody() throws IOException {
    server.hub.putBlob(big.digest, BIG, () -> big.failingAt(1_000));
    try (RawClient client = server.connect()) {
      client.send(request("GET", big));
      assertThatThrownBy(client::read).isInstanceOf(EOFException.class);
    }
  }
}
