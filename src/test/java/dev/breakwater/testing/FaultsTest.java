package dev.breakwater.testing;

import static dev.breakwater.testing.Faults.*;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static dev.breakwater.testing.RequestMatcher.challenged;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.testing.RawClient.End;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each fault does what it says, seen from the other end of the wire. */
class FaultsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int SIZE = 600_000;

  private final TestImage image = TestImage.docker().layer(SIZE).build();
  private final Content layer = image.layer(0);
  private final String path = "/v2/a/blobs/" + layer.digest();
  private FaultyRegistry registry;

  @BeforeEach
  void start() {
    registry = FaultyRegistry.start().put("a", "1", image);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RawClient.Reply get(String... headers) throws Exception {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("Connection: close");
    return RawClient.get(registry.url(), path, all.toArray(String[]::new));
  }

  private Rule onBlob() {
    return registry.on(blobBytes(layer.digest()));
  }

  @Test
  void statusReplacesTheAnswer() throws Exception {
    onBlob().then(status(503), header("Retry-After", "3"), addHeader("Retry-After", "4"));
    RawClient.Reply reply = get();
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.head())
        .contains("Retry-After: 3\r\nRetry-After: 4\r\n")
        .doesNotContain("Docker-Content-Digest");
    assertThat(new String(reply.body(), StandardCharsets.UTF_8)).contains("\"errors\"");
    assertThat(registry.requests().getFirst().fault()).contains("status 503");
    assertThat(registry.transcript()).contains("spoiled by").contains("-> 200");
  }

  @Test
  void tooManyRequestsMayOrMayNotSayWhenToComeBack() throws Exception {
    onBlob().once().then(tooManyRequests());
    onBlob().once().then(tooManyRequests(Duration.ofMinutes(1)));
    assertThat(get().head()).contains(" 429 ").doesNotContain("Retry-After");
    assertThat(get().head()).contains(" 429 ").contains("Retry-After: 60");
    assertThat(get().status()).isEqualTo(200);
  }

  @Test
  void rulesHappenOneAfterTheOther() throws Exception {
    onBlob().after(1).once().then(status(500));
    Rule second = onBlob().times(2).then(status(502));
    assertThat(get().status()).isEqualTo(502);
    assertThat(get().status()).isEqualTo(500);
    assertThat(get().status()).isEqualTo(502);
    assertThat(get().status()).isEqualTo(200);
    assertThat(second.hits()).isEqualTo(2);
    Rule third = onBlob().always().then(status(504));
    assertThat(get().status()).isEqualTo(504);
    third.remove();
    assertThat(get().status()).isEqualTo(200);
    onBlob().then(status(504));
    registry.heal();
    assertThat(get().status()).isEqualTo(200);
  }

  @Test
  void rulesChooseByRange() throws Exception {
    registry.on(blobBytes().rangeFrom(5)).then(status(500));
    registry.on(blobBytes().unranged()).then(status(502));
    assertThat(get("Range: bytes=5-").status()).isEqualTo(500);
    assertThat(get("Range: bytes=55-").status()).isEqualTo(206);
    assertThat(get().status()).isEqualTo(502);
    assertThat(registry.count(blobBytes().ranged().pathMatching("/v2/a/.*"))).isEqualTo(2);
  }

  @Test
  void cutByFinEndsShortAndCleanly() throws Exception {
    onBlob().then(cutAt(300_001, Cut.FIN));
    RawClient.Reply reply = get();
    assertThat(reply.head()).contains("Content-Length: " + SIZE);
    assertThat(reply.body()).isEqualTo(layer.bytes(0, 300_001));
    assertThat(reply.end()).isEqualTo(End.FIN);
    assertThat(registry.bytesSent(layer.digest())).isEqualTo(300_001);
  }

  @Test
  void cutByRstResetsTheConnection() throws Exception {
    onBlob().then(cutAt(1_000, Cut.RST));
    assertThat(get().end()).isEqualTo(End.RST);
    assertThat(registry.bytesSent(layer.digest())).isEqualTo(1_000);
  }

  @Test
  void cutBeyondTheEndDoesNotHappen() throws Exception {
    onBlob().then(cutAt(11, Cut.RST));
    RawClient.Reply reply = get("Range: bytes=0-9");
    assertThat(reply.body()).hasSize(10);
    assertThat(reply.end()).isEqualTo(End.FIN);
  }

  @Test
  void hangUpGivesNoAnswerAtAll() throws Exception {
    onBlob().once().then(hangUp(Cut.FIN));
    onBlob().once().then(hangUp(Cut.RST));
    RawClient.Reply fin = get();
    assertThat(fin.body()).isEmpty();
    assertThat(fin.head()).isEmpty();
    assertThat(fin.end()).isEqualTo(End.FIN);
    assertThat(get().end()).isEqualTo(End.RST);
  }

  @Test
  void stallSendsSoMuchAndHoldsTheConnection() throws Exception {
    onBlob().then(stallAt(1_234));
    try (RawClient client = new RawClient(registry.url())) {
      client.request("GET", path);
      client.readHead();
      assertThat(client.read(1_234)).isEqualTo(layer.bytes(0, 1_234));
      assertThat(registry.openConnections(Listener.REGISTRY)).isEqualTo(1);
      assertThat(registry.bytesSent(layer.digest())).isEqualTo(1_234);
    }
    registry.awaitOpenConnections(Listener.REGISTRY, 0, PATIENCE);
  }

  @Test
  void stallBeforeHeadEndsWhenTheClientGoes() throws Exception {
    onBlob().then(stallBeforeHead());
    try (RawClient client = new RawClient(registry.url())) {
      client.request("GET", path);
      registry.awaitRequests(blobBytes(), 1, PATIENCE);
    }
    registry.awaitIdle(PATIENCE);
    registry.awaitOpenConnections(Listener.REGISTRY, 0, PATIENCE);
  }

  @Test
  void delayedAnswerEndsWhenTheClientGoes() throws Exception {
    onBlob().once().then(delay(Duration.ofHours(1)));
    onBlob().then(delay(Duration.ofMillis(1)));
    try (RawClient client = new RawClient(registry.url())) {
      client.request("GET", path);
      registry.awaitRequests(blobBytes(), 1, PATIENCE);
    }
    registry.awaitOpenConnections(Listener.REGISTRY, 0, PATIENCE);
    assertThat(get().body()).isEqualTo(layer.bytes());
  }

  @Test
  void gatesHoldAnswersUntilOpened() throws Exception {
    Gate head = new Gate();
    Gate middle = new Gate();
    onBlob().then(holdUntil(head), holdAt(100, middle));
    try (RawClient first = new RawClient(registry.url());
        RawClient second = new RawClient(registry.url())) {
      first.request("GET", path, "Connection: close");
      second.request("GET", path, "Connection: close");
      head.awaitArrivals(2, PATIENCE);
      assertThat(registry.maxConcurrent(ContentKind.BLOB)).isEqualTo(2);
      assertThat(registry.bytesSent(layer.digest())).isZero();
      head.open();
      middle.awaitArrivals(2, PATIENCE);
      assertThat(registry.bytesSent(layer.digest())).isEqualTo(200);
      middle.open();
      assertThat(first.readToEnd().body()).isEqualTo(layer.bytes());
      assertThat(second.readToEnd().body()).isEqualTo(layer.bytes());
    }
  }

  @Test
  void dripSendsALittleAndPauses() throws Exception {
    onBlob().once().then(drip(3, Duration.ofHours(1)));
    onBlob().once().then(drip(200_000, Duration.ofMillis(1)));
    try (RawClient client = new RawClient(registry.url())) {
      client.request("GET", path);
      client.readHead();
      assertThat(client.read(3)).isEqualTo(layer.bytes(0, 3));
      assertThat(registry.bytesSent(layer.digest())).isEqualTo(3);
    }
    assertThat(get().body()).isEqualTo(layer.bytes());
  }

  @Test
  void limitedRateChangesNoByte() throws Exception {
    onBlob().then(rate(50_000_000));
    assertThat(get().body()).isEqualTo(layer.bytes());
  }

  @Test
  void throttleKeepsItsRate() {
    long[] now = {0};
    Throttle throttle = new Throttle(20_000_000, () -> now[0]);
    int piece = throttle.piece(256 * 1024);
    for (int sent = 0; sent < 20_000_000; sent += piece) {
      // A thread that wakes a millisecond late each time.
      long wait = throttle.book(piece);
      now[0] += wait == 0 ? 0 : wait + 1_000_000;
    }
    now[0] += throttle.book(piece);
    assertThat(now[0]).isBetween(1_000_000_000L, 1_011_000_000L);
  }

  @Test
  void wrongBytesAreWrongAndOnlyThose() throws Exception {
    onBlob().then(wrongBytesAt(262_143, 2), wrongByteAt(SIZE - 1));
    byte[] expected = layer.bytes();
    for (int at : new int[] {262_143, 262_144, SIZE - 1}) {
      expected[at] ^= (byte) 0xFF;
    }
    assertThat(get().body()).isEqualTo(expected);
  }

  @Test
  void lengthMayLie() throws Exception {
    onBlob().once().then(contentLength(SIZE + 5));
    onBlob().once().then(contentLength(7));
    onBlob().once().then(truncatedTo(9));
    onBlob().once().then(extraBytes(4));
    RawClient.Reply tooLong = get();
    assertThat(tooLong.head()).contains("Content-Length: " + (SIZE + 5));
    assertThat(tooLong.body()).hasSize(SIZE);
    RawClient.Reply tooShort = get();
    assertThat(tooShort.head()).contains("Content-Length: 7\r\n");
    assertThat(tooShort.body()).hasSize(SIZE);
    RawClient.Reply truncated = get();
    assertThat(truncated.head()).contains("Content-Length: 9\r\n");
    assertThat(truncated.body()).isEqualTo(layer.bytes(0, 9));
    RawClient.Reply extra = get();
    assertThat(extra.head()).contains("Content-Length: " + SIZE);
    assertThat(extra.body()).hasSize(SIZE + 4).startsWith(layer.bytes());
  }

  @Test
  void lengthMayBeMissing() throws Exception {
    onBlob().once().then(noContentLength());
    onBlob().once().then(chunked());
    onBlob().once().then(chunked(), cutAt(10, Cut.FIN));
    RawClient.Reply untilClose = get();
    assertThat(untilClose.head()).doesNotContain("Content-Length");
    assertThat(untilClose.body()).isEqualTo(layer.bytes());
    String chunks = new String(get().body(), StandardCharsets.ISO_8859_1);
    assertThat(chunks).startsWith("00040000\r\n").endsWith("\r\n0\r\n\r\n");
    String cut = new String(get().body(), StandardCharsets.ISO_8859_1);
    assertThat(cut).startsWith("0000000a\r\n").doesNotEndWith("0\r\n\r\n");
  }

  @Test
  void rangeMayBeIgnoredOrMisstated() throws Exception {
    onBlob().once().then(ignoreRange());
    onBlob().once().then(contentRange("bytes 0-4/9"));
    RawClient.Reply ignored = get("Range: bytes=5-9");
    assertThat(ignored.status()).isEqualTo(200);
    assertThat(ignored.head()).doesNotContain("Content-Range");
    assertThat(ignored.body()).isEqualTo(layer.bytes());
    RawClient.Reply misstated = get("Range: bytes=5-9");
    assertThat(misstated.head()).contains("Content-Range: bytes 0-4/9");
    assertThat(misstated.body()).isEqualTo(layer.bytes(5, 5));
  }

  @Test
  void headersMayLie() throws Exception {
    registry
        .on(manifest())
        .then(
            contentType("text/plain"),
            contentDigest("sha256:beef"),
            contentEncoding("gzip"),
            withoutHeader("ETag"));
    RawClient.Reply reply = RawClient.get(registry.url(), "/v2/a/manifests/1", "Connection: close");
    assertThat(reply.head())
        .contains("Content-Type: text/plain\r\n", "Docker-Content-Digest: sha256:beef")
        .contains("Content-Encoding: gzip")
        .doesNotContain("ETag");
    assertThat(reply.body()).isEqualTo(image.manifest().bytes());
  }

  @Test
  void redirectsLeadWhereTheyAreTold() throws Exception {
    onBlob().once().then(redirectTo("http://elsewhere.invalid/?a=%2F"));
    onBlob().then(redirectLoop());
    assertThat(get().head()).contains("Location: http://elsewhere.invalid/?a=%2F\r\n");
    assertThat(get().head()).contains("Location: " + path + "?hop=1\r\n");
    assertThat(RawClient.get(registry.url(), path + "?hop=1", "Connection: close").head())
        .contains("Location: " + path + "?hop=2\r\n");
  }

  @Test
  void realmMayBeAnybodys() throws Exception {
    registry.on(any()).once().then(realm("http://evil.invalid/token"));
    registry.on(any()).once().then(challenge("Negotiate"));
    RawClient.Reply reply = get();
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.head()).contains("Bearer realm=\"http://evil.invalid/token\"");
    assertThat(get().head()).contains("WWW-Authenticate: Negotiate");
    assertThat(registry.count(challenged())).isZero();
  }

  @Test
  void captivePortalAnswersEverything() throws Exception {
    onBlob().then(htmlPage());
    RawClient.Reply reply = get("Range: bytes=5-");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.head()).contains("text/html").doesNotContain("Content-Range");
    assertThat(new String(reply.body(), StandardCharsets.UTF_8)).startsWith("<!doctype html>");
  }

  @Test
  void rawAnswerNeedNotBeHttp() throws Exception {
    onBlob().then(rawAnswer("HTTP/1.1 banana\r\n"));
    RawClient.Reply reply = get();
    assertThat(reply.body()).isEqualTo("HTTP/1.1 banana\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(reply.end()).isEqualTo(End.FIN);
  }

  @Test
  void endlessBodyGoesOnUntilTheClientLeaves() throws Exception {
    onBlob().then(endlessBody());
    try (RawClient client = new RawClient(registry.url())) {
      client.request("GET", path);
      assertThat(client.readHead()).doesNotContain("Content-Length");
      assertThat(client.read(3 * SIZE)).hasSize(3 * SIZE);
    }
    registry.awaitOpenConnections(Listener.REGISTRY, 0, PATIENCE);
  }

  @Test
  void randomFaultsFollowTheirSeedAndStop() throws Exception {
    List<List<String>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      RandomFaults faults = random(7);
      onBlob().times(40).then(faults);
      for (int i = 0; i < 40; i++) {
        get();
      }
      assertThat(get().body()).isEqualTo(layer.bytes());
      runs.add(faults.drawn());
    }
    assertThat(runs.get(0)).hasSize(40).isEqualTo(runs.get(1));
    assertThat(Arrays.asList(runs.get(0).stream().distinct().toArray())).hasSizeGreaterThan(20);
  }
}
