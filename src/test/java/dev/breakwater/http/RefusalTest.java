package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.breakwater.http.RawClient.Answer;
import dev.breakwater.testing.Eventually;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The requests of docs/findings.md#lenient-server, over raw sockets. */
class RefusalTest {
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = new TestServer();
    server.hub.putManifest("library/redis", "7", "{\"schemaVersion\":2}");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static final String GET = "GET /v2/ HTTP/1.1\r\n";
  private static final String POST = "POST /v2/a/b/blobs/uploads/ HTTP/1.1\r\n";
  private static final String HOST = "Host: m:5000\r\n";
  private static final String CHUNKS = "5\r\nhello\r\n0\r\n\r\n";

  static Stream<Arguments> malformed() {
    return Stream.of(
        row(
            "length and chunked",
            POST + HOST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
            400),
        row(
            "two different lengths",
            POST + HOST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            400),
        row(
            "two equal lengths",
            POST + HOST + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            400),
        row("list of lengths", POST + HOST + "Content-Length: 1, 1\r\n\r\nh", 400),
        row("signed length", POST + HOST + "Content-Length: +1\r\n\r\nh", 400),
        row("negative length", POST + HOST + "Content-Length: -1\r\n\r\nh", 400),
        row("unknown coding", POST + HOST + "Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS, 400),
        row(
            "chunked not last",
            POST + HOST + "Transfer-Encoding: chunked, xchunked\r\n\r\n" + CHUNKS,
            400),
        row(
            "space before colon",
            POST + HOST + "Transfer-Encoding : chunked\r\n\r\n" + CHUNKS,
            400),
        row(
            "identity and chunked",
            POST
                + HOST
                + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n"
                + CHUNKS,
            400),
        row("folded coding", POST + HOST + "Transfer-Encoding:\r\n chunked\r\n\r\n" + CHUNKS, 400),
        row(
            "folded coding behind",
            POST + HOST + "Transfer-Encoding: chunked\r\n \r\n\r\n" + CHUNKS,
            400),
        row("NUL in a header", GET + HOST + "X: a\0b\r\n\r\n", 400),
        row("bare CR in a header", GET + HOST + "X: a\rb\r\n\r\n", 400),
        row("CR in the path", "GET /v2/\rx HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("HTTP/0.9", "GET /v2/\r\n\r\n", 400),
        row("LF only", "GET /v2/ HTTP/1.1\nHost: m\n\n", 400),
        row("no Host", GET + "\r\n", 400),
        row("empty Host", GET + "Host:\r\n\r\n", 400),
        row("two Hosts", GET + HOST + HOST + "\r\n", 400),
        row("Host with a path", GET + "Host: x/../y@z\r\n\r\n", 400),
        row("Host with a bad port", GET + "Host: m:port\r\n\r\n", 400),
        row("user info in the target", "GET http://a@b/v2/ HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("asterisk form", "OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("dot segments", "GET /v2/../../etc/passwd HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("one dot segment", "GET /v2/./a/tags/list HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("encoded dots", "GET /v2/%2e%2e/x HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("encoded NUL", "GET /v2/%00 HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("encoded slashes", "GET /%2F%2F%2F..%2Fetc%2Fpasswd HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("double slash", "GET //v2/ HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("backslash", "GET /v2/a\\b/tags/list HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("raw UTF-8", "GET /v2/\u00c3\u00a4/tags/list HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("fragment", "GET /v2/#x HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("long query", "GET /v2/?" + "q".repeat(4097) + " HTTP/1.1\r\n" + HOST + "\r\n", 400),
        row("lower-case method", "get /v2/ HTTP/1.1\r\n" + HOST + "\r\n", 405),
        row("CONNECT", "CONNECT /v2/ HTTP/1.1\r\n" + HOST + "\r\n", 405),
        row("TRACE", "TRACE /v2/ HTTP/1.1\r\n" + HOST + "\r\n", 405),
        row("HTTP/9.9", "GET /v2/ HTTP/9.9\r\n" + HOST + "\r\n", 400),
        row("odd version and bad header", "GET /v2/ HTTP/7.3\r\nHost : m\r\n\r\n", 400),
        row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        row(
            "long request line",
            "GET /v2/" + "a".repeat(9000) + " HTTP/1.1\r\n" + HOST + "\r\n",
            414),
        row("large header", GET + HOST + "X: " + "a".repeat(17_000) + "\r\n\r\n", 431),
        row("many headers", GET + HOST + "X: 1\r\n".repeat(101) + "\r\n", 431),
        row("body on GET", GET + HOST + "Content-Length: 5\r\n\r\nhello", 400),
        row("chunked body on GET", GET + HOST + "Transfer-Encoding: chunked\r\n\r\n" + CHUNKS, 400),
        row(
            "body on HEAD",
            "HEAD /v2/ HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\n\r\nhello",
            400),
        row("odd Expect on GET", GET + HOST + "Expect: miracles\r\n\r\n", 400),
        row("odd Expect", POST + HOST + "Expect: miracles\r\n\r\n", 400),
        row("not HTTP at all", "\u0000\u0001\u0002 hello\r\n\r\n", 400));
  }

  private static Arguments row(String name, String request, int status) {
    return Arguments.of(name, request, status);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void malformedRequestIsRefusedAndTheConnectionClosed(String name, String request, int status)
      throws IOException {
    try (RawClient client = server.connect()) {
      client.send(request + GET + HOST + "\r\n");

      Answer answer = name.endsWith("HEAD") ? client.readHead() : client.read();

      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.statusLine()).matches("HTTP/1\\.[01] .*");
      assertThat(answer.field("Connection")).contains("close");
      if (!name.endsWith("HEAD")) {
        assertIsOciError(answer);
      }
      assertThat(client.readToEnd()).as("nothing but the one answer, and FIN").isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Xength",
        "content-!ength",
        "Content-Mength",
        "CONTENT-XENGTH",
        "Content-Xype",
        "content-yype"
      })
  void headerThatImitatesAnotherCannotSwallowTheNextRequest(String header) throws IOException {
    String hidden = "GET /v2/library/redis/manifests/7 HTTP/1.1\r\nHost: m\r\n\r\n";
    for (String start : new String[] {GET, POST}) {
      try (RawClient client = server.connect()) {
        client.send(start + HOST + header + ": " + hidden.length() + "\r\n\r\n" + hidden);

        Answer answer = client.read();

        assertThat(answer.status()).isEqualTo(400);
        assertIsOciError(answer);
        assertThat(answer.text()).contains("imitates another");
        assertThat(client.readToEnd()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length", "content-length", "CONTENT-LENGTH", "Content-length"})
  void lengthIsUnderstoodHoweverItIsSpelt(String header) throws IOException {
    try (RawClient client = server.connect()) {
      client.send(POST + HOST + header + ": 0\r\n\r\n" + GET + HOST + "\r\n");

      assertThat(client.read().status()).isEqualTo(405);
      assertThat(client.read().status()).isEqualTo(200);
    }
  }

  @Test
  void upgradeToClearTextHttp2IsNotTaken() throws IOException {
    try (RawClient client = server.connect()) {
      client.send(
          GET
              + HOST
              + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
              + "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");

      assertThat(client.read().status()).isEqualTo(200);
    }
  }

  @Test
  void webSocketUpgradeIsNotTaken() throws IOException {
    try (RawClient client = server.connect()) {
      client.send(
          GET
              + HOST
              + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

      assertThat(client.read().status()).isEqualTo(200);
    }
  }

  @Test
  void tlsOnThePlainPortIsAnsweredInPlainHttp() throws IOException {
    try (RawClient client = server.connect()) {
      byte[] hello = new byte[300];
      hello[0] = 0x16;
      hello[1] = 3;
      hello[2] = 1;
      client.send(hello);

      Answer answer = client.read();

      assertThat(answer.status()).isEqualTo(400);
      assertIsOciError(answer);
      assertThat(answer.text()).contains("plain HTTP");
    }
  }

  @Test
  void clientThatOnlySpeaksTlsIsNamedInAWarningWithTheRemedy() throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(ConnectionIntake.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try (TestServer fresh = new TestServer();
        RawClient client = fresh.connect()) {
      client.send(new byte[] {0x16, 3, 1, 0, 0});
      assertThat(client.read().status()).isEqualTo(400);
      Eventually.until("the warning", () -> !log.list.isEmpty());
      assertThat(log.list.getFirst().getLevel()).isEqualTo(Level.WARN);
      assertThat(log.list.getFirst().getFormattedMessage())
          .startsWith("client 127.0.0.1 spoke TLS to port " + fresh.port)
          .contains("insecure = true", "http = true", "insecure-registries", "http://");
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void uploadThatIsRefusedBeforeItsBodyLeavesNoBodyBehind() throws IOException {
    try (RawClient client = server.connect()) {
      client.send(POST + HOST + "Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n");

      Answer answer = client.read();

      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.field("Connection")).contains("close");
      assertThat(client.isAtEnd()).isTrue();
    }
  }

  @Test
  void answerSurvivesABodyThatIsStillBeingSent() throws IOException {
    try (RawClient client = server.connect()) {
      client.send(POST + HOST + "Content-Length: 4000000\r\n\r\n");
      client.send(new byte[2_000_000]);

      assertThat(client.read().status()).isEqualTo(405);
      assertThat(client.isAtEnd()).isTrue();
    }
  }

  @Test
  void refusalsAreCountedByReason() throws IOException {
    try (RawClient client = server.connect()) {
      client.send(GET + "\r\n").readToEnd();
    }
    assertThat(server.scrape()).contains("breakwater_rejected_requests_total{reason=\"host\"}");
  }

  static void assertIsOciError(Answer answer) {
    assertThat(answer.field("Content-Type")).contains("application/json");
    assertThat(answer.field("Docker-Distribution-API-Version")).contains("registry/2.0");
    assertThat(answer.field("Cache-Status")).isPresent();
    JsonArray errors = new JsonObject(answer.text()).getJsonArray("errors");
    assertThat(errors).hasSize(1);
    JsonObject error = errors.getJsonObject(0);
    assertThat(error.fieldNames()).isEqualTo(Set.of("code", "message", "detail"));
    assertThat(error.getString("code")).matches("[A-Z_]+");
    assertThat(error.getString("message"))
        .isNotBlank()
        .doesNotContain("Exception", "io.vertx", "io.netty", "\tat ");
  }
}
