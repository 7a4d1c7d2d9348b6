package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.Provenance;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

class AccessLogTest {
  private final BlockingQueue<ILoggingEvent> lines = new LinkedBlockingQueue<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("access");
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event);
        }
      };
  private TestServer server;

  @BeforeEach
  void start() {
    appender.start();
    logger.addAppender(appender);
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    server = new TestServer();
    server.hub.putManifest("library/redis", "7", "{}");
  }

  @AfterEach
  void stop() {
    server.close();
    logger.detachAppender(appender);
    logger.setLevel(null);
    logger.setAdditive(true);
  }

  private Map<String, String> line() throws InterruptedException {
    ILoggingEvent event = lines.poll(20, TimeUnit.SECONDS);
    assertThat(event).isNotNull();
    return event.getKeyValuePairs().stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
  }

  @Test
  void requestLeavesOneLineWithItsFacts() throws Exception {
    try (RawClient client = server.connect()) {
      client
          .sendHead(
              "GET /v2/redis/manifests/7?ns=docker.io HTTP/1.1", "Host: m", "User-Agent: docker/28")
          .read();
    }
    assertThat(line())
        .containsEntry("method", "GET")
        .containsEntry("path", "/v2/redis/manifests/7")
        .containsEntry("repo", "library/redis")
        .containsEntry("ref", "7")
        .containsEntry("upstream", "docker.io")
        .containsEntry("cache", "hit")
        .containsEntry("status", "200")
        .containsEntry("bytes", "2")
        .containsEntry("client", "127.0.0.1")
        .containsEntry("ua", "docker/28")
        .containsKeys("ttfb_s", "duration_s");
    assertThat(lines).isEmpty();
  }

  @Test
  void sharedDownloadHasTheSameWordInLogAndHeader() throws Exception {
    server.hub.provenance = Provenance.COLLAPSED;
    try (RawClient client = server.connect()) {
      RawClient.Answer answer = client.get("/v2/redis/manifests/7").read();
      assertThat(answer.field("Cache-Status").orElseThrow()).endsWith("; collapsed");
    }
    assertThat(line()).containsEntry("cache", "collapsed");
  }

  @Test
  void pingIsLocalAndNoHit() throws Exception {
    try (RawClient client = server.connect()) {
      RawClient.Answer answer = client.get("/v2/").read();
      assertThat(answer.field("Cache-Status")).contains("breakwater");
    }
    assertThat(line()).containsEntry("cache", "local");
    server.awaitMetric(
        "breakwater_requests_total{code_class=\"2xx\",kind=\"other\",method=\"GET\","
            + "result=\"local\",upstream=\"local\"} 1.0");
  }

  @Test
  void absentThingIsANegativeAnswerAndAFailureAnError() throws Exception {
    server.hub.failure =
        new RegistryException(
            ErrorCode.MANIFEST_UNKNOWN, FailureCause.UPSTREAM_404, "not there", null, null);
    try (RawClient client = server.connect()) {
      RawClient.Answer answer = client.get("/v2/redis/manifests/7").read();
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.field("Cache-Status")).contains("breakwater; detail=manifest_unknown");
      assertThat(line())
          .containsEntry("cache", "negative")
          .containsEntry("status", "404")
          .containsEntry("cause", "upstream-404")
          .containsEntry("error", "MANIFEST_UNKNOWN: not there");
      server.hub.failure =
          new RegistryException(
              ErrorCode.UNAVAILABLE, FailureCause.UPSTREAM_5XX, "no answer", null, null);
      client.get("/v2/redis/manifests/7").read();
      assertThat(line())
          .containsEntry("cache", "error")
          .containsEntry("status", "503")
          .containsEntry("cause", "upstream-5xx")
          .containsEntry("error", "UNAVAILABLE: no answer");
    } finally {
      server.hub.failure = null;
    }
  }

  @Test
  void controlCharactersCannotForgeALine() throws Exception {
    try (RawClient client = server.connect()) {
      client
          .send("GET /v2/\u001b[31m HTTP/1.1\r\nHost: m\r\nUser-Agent: a\u001bb\r\n\r\n")
          .readToEnd();
    }
    assertThat(line().values()).allMatch(value -> value.chars().allMatch(c -> c >= 0x20));
  }

  @Test
  void longFieldsOfAClientAreCut() throws Exception {
    try (RawClient client = server.connect()) {
      client
          .sendHead(
              "GET /v2/" + "a".repeat(3000) + " HTTP/1.1",
              "Host: m",
              "User-Agent: " + "b".repeat(6000))
          .read();
    }
    Map<String, String> line = line();
    assertThat(line.get("path")).startsWith("/v2/aaa").endsWith("...").hasSize(LogText.MAX_FIELD);
    assertThat(line.get("ua")).startsWith("bbb").endsWith("...").hasSize(LogText.MAX_FIELD);
    assertThat(line.remove("error")).hasSizeLessThanOrEqualTo(LogText.MAX_MESSAGE);
    assertThat(line.values()).allMatch(value -> value.length() <= LogText.MAX_FIELD);
  }

  @Test
  void controlCharactersDoNotMakeAFieldLongerThanTheLimit() {
    assertThat(LogText.clean("\u001b".repeat(5000))).hasSize(LogText.MAX_FIELD).endsWith("...");
    assertThat(LogText.message("x".repeat(5000))).hasSize(LogText.MAX_MESSAGE).endsWith("...");
    assertThat(LogText.clean("docker/28")).isEqualTo("docker/28");
  }

  @Test
  void clientThatLeavesBeforeTheAnswerIsLoggedAs499AndNotCounted()
      throws IOException, InterruptedException {
    Promise<Void> gate = Promise.promise();
    Promise<Void> asked = Promise.promise();
    server.hub.gate = gate.future();
    server.hub.onAsked = asked::tryComplete;
    try (RawClient client = server.connect()) {
      client.get("/v2/redis/manifests/7");
      TestServer.await(asked.future());
    }
    Eventually.until("the client has left", () -> server.server.openConnections() <= 0);
    gate.complete();

    assertThat(line())
        .containsEntry("status", "499")
        .containsEntry("cause", "client-left")
        .doesNotContainKey("cache");
    assertThat(server.scrape())
        .doesNotContainPattern("breakwater_requests_total\\{.*result=\"error\".*\\} [1-9]");
  }

  @Test
  void clientThatLeavesInTheMiddleOfABodyIsLoggedAs499() throws Exception {
    try (RawClient client = server.connect()) {
      client.sendHead("PUT /v2/a/b/manifests/x HTTP/1.1", "Host: m", "Content-Length: 9");
    }
    assertThat(line())
        .containsEntry("method", "PUT")
        .containsEntry("status", "499")
        .containsEntry("cause", "client-left");
  }

  @ParameterizedTest
  @CsvSource({
    "GET /v2/redis/manifests/7?ns=quay.io, 404, unknown-registry, local",
    "GET /v2/redis/manifests/7?ns=a/b, 400, bad-request, local",
    "GET /v2/redis/tags/list?n=x, 400, bad-request, local",
    "GET /v2/redis/manifests/.7, 404, not-found-locally, local",
    "GET /v2/redis/manifests/%2e, 400, bad-request, local",
    "PUT /v2/redis/manifests/7, 405, unsupported, local",
    "GET /v2/_catalog?n=x, 400, bad-request, local",
    "BREW /v2/, 405, unsupported, local",
    "GET /favicon.ico, 404, not-found-locally, local"
  })
  void requestRefusedHereSaysWhyAndIsNoFailureOfTheCache(
      String request, int status, String cause, String cache) throws Exception {
    try (RawClient client = server.connect()) {
      RawClient.Answer answer = client.sendHead(request + " HTTP/1.1", "Host: m:5000").read();
      assertThat(answer.status()).isEqualTo(status);
    }
    assertThat(line())
        .containsEntry("status", String.valueOf(status))
        .containsEntry("cause", cause)
        .containsEntry("cache", cache);
    assertThat(lines).as("one line for a refused request").isEmpty();
  }

  @ParameterizedTest
  @EnumSource(FailureCause.class)
  void everyFailureHasItsCauseInTheLineAndInTheReasonPhrase(FailureCause cause) throws Exception {
    server.hub.failure =
        new RegistryException(
            ErrorCode.UNAVAILABLE, cause, "no answer", Duration.ofSeconds(9), null);
    try (RawClient client = server.connect()) {
      RawClient.Answer answer =
          client.sendHead("HEAD /v2/redis/manifests/7 HTTP/1.1", "Host: m:5000").readHead();
      assertThat(answer.statusLine())
          .isEqualTo("HTTP/1.1 503 Service Unavailable: " + cause.phrase() + " (retry in 9 s)");
      assertThat(answer.field("Retry-After")).contains("9");
    }
    assertThat(line())
        .containsEntry("cause", cause.word())
        .containsEntry("cache", cause.cacheResult().label());
  }

  @Test
  void nothingThatAClientSendsIsInTheReasonPhrase() throws Exception {
    try (RawClient client = server.connect()) {
      RawClient.Answer unknown =
          client.get("/v2/redis/manifests/7?ns=evil%0d%0aSet-Cookie:x.io").read();
      RawClient.Answer other = client.get("/v2/redis/manifests/7?ns=evil.io").read();
      assertThat(unknown.statusLine())
          .isEqualTo("HTTP/1.1 400 Bad Request: " + FailureCause.BAD_REQUEST.phrase());
      assertThat(other.statusLine())
          .isEqualTo("HTTP/1.1 404 Not Found: " + FailureCause.UNKNOWN_REGISTRY.phrase());
    }
  }

  @Test
  void staleAnswerSaysWhyAndASoundOneHasNoCause() throws Exception {
    server.hub.provenance = Provenance.stale("upstream-timeout");
    try (RawClient client = server.connect()) {
      client.get("/v2/redis/manifests/7").read();
    }
    assertThat(line())
        .containsEntry("cache", "stale")
        .containsEntry("detail", "upstream-timeout")
        .doesNotContainKey("cause");
  }

  @Test
  void everyKeyIsOneOfAKnownSet() throws Exception {
    try (RawClient client = server.connect()) {
      client.get("/v2/").read();
    }
    assertThat(line().keySet())
        .isSubsetOf(
            List.of(
                "method",
                "path",
                "repo",
                "ref",
                "upstream",
                "cache",
                "status",
                "bytes",
                "ttfb_s",
                "duration_s",
                "error",
                "cause",
                "detail",
                "client",
                "ua"));
  }
}
