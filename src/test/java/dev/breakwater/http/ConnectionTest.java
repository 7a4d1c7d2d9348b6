package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.breakwater.http.ServerSettings.Limits;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** How long connections live, and how they end. Limits are short; nothing depends on how short. */
@Tag("slow")
class ConnectionTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir Path directory;

  private static TestServer server(Limits limits) {
    return new TestServer(TestServer.settings(limits, true));
  }

  @Test
  void connectionThatSendsNothingIsClosed() throws IOException {
    try (TestServer server = server(TestServer.limits(SHORT, LONG, LONG));
        RawClient client = server.connect()) {
      assertThat(client.isAtEnd()).isTrue();
      assertThat(server.scrape())
          .contains("breakwater_rejected_requests_total{reason=\"head_timeout\"}");
    }
  }

  @Test
  void headThatNeverEndsIsCutHoweverSteadilyItDrips() throws Exception {
    try (TestServer server = server(TestServer.limits(SHORT, LONG, LONG));
        RawClient client = server.connect()) {
      client.send("GET /v2/ HTTP/1.1\r\nHost: m\r\n");
      try {
        while (!client.isAtEndWithin(Duration.ofMillis(20))) {
          client.send("X: y\r\n");
        }
      } catch (SocketException e) {
        // Cut by a reset, since a drip was on its way: what the test waits for.
      }
      assertThat(server.scrape())
          .contains("breakwater_rejected_requests_total{reason=\"head_timeout\"}");
    }
  }

  @Test
  void secondHeadThatNeverEndsIsCut() throws IOException {
    try (TestServer server = server(TestServer.limits(SHORT, LONG, LONG));
        RawClient client = server.connect()) {
      assertThat(client.get("/v2/").read().status()).isEqualTo(200);
      client.send("GET /v2/ HTTP/1.1\r\n");
      assertThat(client.isAtEnd()).isTrue();
    }
  }

  @Test
  void idleConnectionIsClosed() throws IOException {
    try (TestServer server = server(TestServer.limits(LONG, SHORT, LONG));
        RawClient client = server.connect()) {
      assertThat(client.get("/v2/").read().status()).isEqualTo(200);
      assertThat(client.isAtEnd()).isTrue();
    }
  }

  @Test
  void requestThatWaitsForUpstreamIsNeitherIdleNorLate() throws Exception {
    Duration limit = Duration.ofMillis(50);
    try (TestServer server = server(TestServer.limits(limit, limit, limit));
        RawClient client = server.connect()) {
      server.hub.putManifest("a/b", "x", "{}");
      Promise<Void> gate = Promise.promise();
      server.hub.gate = gate.future();
      client.get("/v2/a/b/manifests/x");
      server.vertx.setTimer(600, timer -> gate.complete());

      assertThat(client.read().text()).isEqualTo("{}");
    }
  }

  @Test
  void readerThatTakesNothingIsCutOffAndItsBodyReleased() throws IOException {
    try (TestServer server = server(TestServer.limits(LONG, LONG, SHORT));
        RawClient client = server.connect()) {
      FakeBlob blob = new FakeBlob(directory, 60_000_000);
      server.hub.putBlob(blob.digest, blob.content.length, blob::whole);
      client.get("/v2/a/b/blobs/" + blob.digest).readFields();

      TestServer.await(
          Future.all(blob.bodies.stream().map(FakeBlob.Body::closed).toList()).mapEmpty());
    }
  }

  @Test
  void readerThatWaitsForUpstreamIsNotBlamed() throws IOException {
    try (TestServer server = server(TestServer.limits(LONG, LONG, Duration.ofMillis(50)));
        RawClient client = server.connect()) {
      FakeBlob blob = new FakeBlob(directory, 20_000);
      Promise<Void> more = Promise.promise();
      server.hub.putBlob(blob.digest, 20_000, () -> blob.haltingAt(10_000, more.future()));
      client.get("/v2/a/b/blobs/" + blob.digest).readFields();
      assertThat(client.readBytes(10_000)).hasSize(10_000);
      server.vertx.setTimer(600, timer -> more.complete());

      assertThat(client.readBytes(10_000)).hasSize(10_000);
    }
  }

  @Test
  void oneConnectionTooManyTakesThePlaceOfTheOneThatWasIdleForTheLongestTime() throws Exception {
    try (TestServer server = server(TestServer.connectionLimits(2, 2));
        RawClient first = server.connect()) {
      assertThat(first.get("/v2/").read().status()).isEqualTo(200);
      try (RawClient second = server.connect()) {
        assertThat(second.get("/v2/").read().status()).isEqualTo(200);
        assertThat(first.get("/v2/").read().status()).isEqualTo(200);
        try (RawClient third = server.connect()) {
          assertThat(third.get("/v2/").read().status()).isEqualTo(200);
          assertThat(second.isAtEnd()).isTrue();
          assertThat(first.get("/v2/").read().status()).isEqualTo(200);
        }
      }
      assertThat(server.scrape())
          .containsPattern("rejected_requests_total\\{reason=\"connection_replaced\"} 1");
    }
  }

  @Test
  void aClientWhoseConnectionsAreAllInUseGetsNoMoreThanItsShare() throws Exception {
    try (TestServer server = server(TestServer.connectionLimits(10, 2));
        RawClient first = server.connect();
        RawClient second = server.connect()) {
      server.hub.putManifest("a/b", "x", "{}");
      Promise<Void> gate = Promise.promise();
      server.hub.gate = gate.future();
      AtomicInteger asked = new AtomicInteger();
      server.hub.onAsked = asked::incrementAndGet;
      first.get("/v2/a/b/manifests/x");
      second.get("/v2/a/b/manifests/x");
      Eventually.until("both are asked for", () -> asked.get() == 2);
      try (RawClient third = server.connect()) {
        assertThat(third.isAtEnd()).isTrue();
      }
      gate.complete();
      assertThat(first.read().text()).isEqualTo("{}");
      assertThat(second.read().text()).isEqualTo("{}");
      try (RawClient fourth = server.connect()) {
        assertThat(fourth.get("/v2/").read().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void closingLetsARunningAnswerEnd() throws IOException {
    TestServer server = new TestServer();
    try (RawClient idle = server.connect();
        RawClient busy = server.connect()) {
      server.hub.putManifest("a/b", "x", "{}");
      Promise<Void> gate = Promise.promise();
      Promise<Void> asked = Promise.promise();
      server.hub.gate = gate.future();
      server.hub.onAsked = asked::tryComplete;
      assertThat(idle.get("/v2/").read().status()).isEqualTo(200);
      busy.get("/v2/a/b/manifests/x");
      TestServer.await(asked.future());

      Future<Void> closed = server.server.close();
      assertThat(idle.isAtEnd()).as("idle connections close at once").isTrue();
      gate.complete();

      assertThat(busy.read().text()).isEqualTo("{}");
      assertThat(busy.isAtEnd()).isTrue();
      TestServer.await(closed);
    } finally {
      server.closeAllButTheServer();
    }
  }

  @Test
  void anAnswerThatBeginsWhileTheServerDrainsSaysThatTheConnectionCloses() throws IOException {
    TestServer server = new TestServer();
    try (RawClient client = server.connect()) {
      server.hub.putManifest("a/b", "x", "{}");
      Promise<Void> gate = Promise.promise();
      Promise<Void> asked = Promise.promise();
      server.hub.gate = gate.future();
      server.hub.onAsked = asked::tryComplete;
      client.get("/v2/a/b/manifests/x");
      TestServer.await(asked.future());
      assertThat(server.server.transfers()).isEqualTo(1);

      Future<Void> drained = server.server.drain(LONG);
      gate.complete();

      RawClient.Answer answer = client.read();
      assertThat(answer.text()).isEqualTo("{}");
      assertThat(answer.field("Connection")).hasValue("close");
      assertThat(client.isAtEnd()).isTrue();
      client.socket.close();
      TestServer.await(drained);
      assertThat(server.server.transfers()).isZero();
    } finally {
      TestServer.await(server.server.close());
      server.closeAllButTheServer();
    }
  }

  @Test
  void anAnswerUnderWayWhenTheServerDrainsIsTheLastOfItsConnection() throws IOException {
    TestServer server = new TestServer();
    try (RawClient client = server.connect()) {
      FakeBlob blob = new FakeBlob(directory, 20_000);
      Promise<Void> more = Promise.promise();
      server.hub.putBlob(blob.digest, 20_000, () -> blob.haltingAt(10_000, more.future()));
      client.get("/v2/a/b/blobs/" + blob.digest).readFields();
      assertThat(client.readBytes(10_000)).hasSize(10_000);

      Future<Void> drained = server.server.drain(LONG);
      client.get("/v2/");
      more.complete();

      assertThat(client.readBytes(10_000)).hasSize(10_000);
      assertThat(client.readToEnd()).as("no answer to the second request").isEmpty();
      client.socket.close();
      TestServer.await(drained);
    } finally {
      TestServer.await(server.server.close());
      server.closeAllButTheServer();
    }
  }

  @Test
  void cutEndsWhatIsUnderWay() throws IOException {
    TestServer server = new TestServer();
    try (RawClient client = server.connect()) {
      FakeBlob blob = new FakeBlob(directory, 20_000);
      Promise<Void> never = Promise.promise();
      server.hub.putBlob(blob.digest, 20_000, () -> blob.haltingAt(10_000, never.future()));
      client.get("/v2/a/b/blobs/" + blob.digest).readFields();
      assertThat(client.readBytes(10_000)).hasSize(10_000);
      Future<Void> drained = server.server.drain(LONG);

      server.server.cut();

      assertThat(client.isAtEnd()).isTrue();
      TestServer.await(drained);
      // The table of connections is told after the sockets are closed.
      Eventually.until("no transfer is left", () -> server.server.transfers() == 0);
    } finally {
      TestServer.await(server.server.close());
      server.closeAllButTheServer();
    }
  }

  @Test
  void addressThatIsTakenFailsTheStart() {
    try (TestServer first = new TestServer();
        TestServer other = new TestServer()) {
      ServerSettings taken =
          new ServerSettings(TestServer.listener(first.port), 1, true, SHORT, Limits.DEFAULTS);
      RegistryServer second = new RegistryServer(other.vertx, taken, other.zones, other.metrics);

      assertThatThrownBy(() -> TestServer.await(second.start())).hasMessageContaining("in use");
      TestServer.await(second.close());
    }
  }

  @Test
  void aliveServerAnswersForEachEventLoop() {
    try (TestServer server = new TestServer()) {
      TestServer.await(server.server.alive());
    }
  }

  @Test
  void onlyAListenerThatIsToBeARegistryWarnsThatItOnlyMirrors() {
    Logger logger = (Logger) LoggerFactory.getLogger(RegistryServer.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      for (ServerSettings.Face face : ServerSettings.Face.values()) {
        new TestServer(ServerSettings.of(new ServerSettings.Listener("127.0.0.1", 0, face)))
            .close();
      }
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list).hasSize(1);
    assertThat(log.list.getFirst().getLevel()).isEqualTo(Level.WARN);
    assertThat(log.list.getFirst().getFormattedMessage())
        .contains("127.0.0.1:0", "registry", "not supported yet");
  }
}
