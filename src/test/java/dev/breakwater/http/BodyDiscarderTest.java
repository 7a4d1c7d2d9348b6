package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.RawClient.Answer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of requests that take none: small ones cost nothing, others cost the connection. */
class BodyDiscarderTest {
  private static final int MAX = BodyDiscarder.MAX_BYTES;
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(5);

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = new TestServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static RawClient put(RawClient client, String... fields) throws IOException {
    String all = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
    return client.send("PUT /v2/a/b/manifests/x HTTP/1.1\r\nHost: m\r\n" + all + "\r\n");
  }

  private static void assertKept(RawClient client, Answer answer) throws IOException {
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.field("Connection")).isEmpty();
    assertThat(client.get("/v2/").read().text()).isEqualTo("{}");
  }

  private static void assertClosed(RawClient client, Answer answer) throws IOException {
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.field("Connection")).contains("close");
    RefusalTest.assertIsOciError(answer);
    assertThat(client.isAtEnd()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, MAX})
  void smallBodyIsReadAndTheConnectionKept(int length) throws IOException {
    try (RawClient client = server.connect()) {
      put(client, "Content-Length: " + length).send(new byte[length]);
      assertKept(client, client.read());
    }
  }

  @Test
  void smallBodyThatComesLaterIsReadAndTheConnectionKept() throws IOException {
    try (RawClient client = server.connect()) {
      put(client, "Content-Length: 10").send("hello");
      assertThat(client.isAtEndWithin(SHORT)).isFalse();
      client.send("world");
      assertKept(client, client.read());
    }
  }

  @Test
  void smallChunkedBodyIsReadAndTheConnectionKept() throws IOException {
    try (RawClient client = server.connect()) {
      put(client, "Transfer-Encoding: chunked").send("5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n");
      assertKept(client, client.read());
    }
  }

  @Test
  void requestBehindASmallBodyIsAnsweredInItsTurn() throws IOException {
    try (RawClient client = server.connect()) {
      client.send(
          "PUT /v2/a/b/manifests/x HTTP/1.1\r\nHost: m\r\nContent-Length: 5\r\n\r\nhello"
              + "POST /nothing HTTP/1.1\r\nHost: m\r\nContent-Length: 5\r\n\r\nhello"
              + "GET /v2/ HTTP/1.1\r\nHost: m\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(405);
      assertThat(client.read().status()).isEqualTo(404);
      assertThat(client.read().text()).isEqualTo("{}");
    }
  }

  @Test
  void bodyThatCameBeforeItsTurnIsDroppedTheSame() throws IOException {
    server.hub.putManifest("a/b", "x", "{}");
    Promise<Void> gate = Promise.promise();
    Promise<Void> asked = Promise.promise();
    server.hub.gate = gate.future();
    server.hub.onAsked = asked::tryComplete;
    try (RawClient client = server.connect()) {
      client.get("/v2/a/b/manifests/x");
      put(client, "Content-Length: 5").send("hello");
      TestServer.await(asked.future());
      gate.complete();
      assertThat(client.read().text()).isEqualTo("{}");
      assertKept(client, client.read());
    } finally {
      server.hub.gate = Future.succeededFuture();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"65537", "4000000", "999999999999999999"})
  void largeBodyIsNotWaitedForAndClosesTheConnection(String length) throws IOException {
    try (RawClient client = server.connect()) {
      put(client, "Content-Length: " + length);
      assertClosed(client, client.read());
    }
  }

  @Test
  void chunkedBodyIsReadUpToTheBound() throws IOException {
    byte[] chunk = ("1000\r\n" + "x".repeat(4096) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    try (RawClient client = server.connect()) {
      put(client, "Transfer-Encoding: chunked");
      for (int i = 0; i < MAX / 4096; i++) {
        client.send(chunk);
      }
      assertThat(client.isAtEndWithin(SHORT)).as("at the bound there is no answer yet").isFalse();
      client.send("1\r\nx\r\n");
      assertClosed(client, client.read());
    }
  }

  @Test
  void malformedChunkIsAnsweredAndClosesTheConnection() throws IOException {
    try (RawClient client = server.connect()) {
      put(client, "Transfer-Encoding: chunked").send("5\r\nhello\r\nnot a length\r\n");
      assertClosed(client, client.read());
    }
  }

  @Test
  void bodyThatDoesNotEndInTimeClosesTheConnection() throws IOException {
    ServerSettings.Limits limits = TestServer.limits(SHORT, LONG, LONG);
    try (TestServer impatient = new TestServer(TestServer.settings(limits, true));
        RawClient client = impatient.connect()) {
      put(client, "Content-Length: 60000").send("x");
      assertClosed(client, client.read());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
  void bodyThatWaitsForLeaveIsNeverAskedFor(String framing) throws IOException {
    try (RawClient client = server.connect()) {
      put(client, framing, "Expect: 100-continue");
      assertClosed(client, client.read());
    }
  }

  @Test
  void expectationWithoutABodyIsIgnored() throws IOException {
    try (RawClient client = server.connect()) {
      put(client, "Content-Length: 0", "Expect: 100-continue");
      assertKept(client, client.read());
    }
  }
}
