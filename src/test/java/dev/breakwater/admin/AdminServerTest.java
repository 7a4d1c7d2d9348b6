package dev.breakwater.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {
  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics("1.2.3", List.of("docker.io"));
  private final HttpClient client = HttpClient.newHttpClient();
  private volatile Future<Void> disk = Future.succeededFuture();
  private volatile Optional<String> degradation = Optional.empty();
  private AdminServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    HealthCheck storage = new HealthCheck("storage", () -> disk, () -> degradation);
    HealthCheck index = new HealthCheck("index", Future::succeededFuture);
    server =
        new AdminServer(
            vertx,
            new AdminServer.Settings(
                "127.0.0.1",
                0,
                List.of(index),
                List.of(storage, index),
                List.of(),
                List.of(
                    new AdminRoute(
                        "/api/echo",
                        parameters ->
                            Future.succeededFuture(
                                AdminAnswer.json(200, new JsonObject().put("q", parameters)))),
                    AdminRoute.post(
                        "/api/echo",
                        Set.of("rate", "depth"),
                        parameters ->
                            Future.succeededFuture(
                                AdminAnswer.json(202, new JsonObject().put("q", parameters)))),
                    new AdminRoute(
                        "/api/broken",
                        parameters -> {
                          throw new IllegalStateException("secret");
                        })),
                AdminAccess.OPEN),
            metrics);
    port = server.start().await(20, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    server.close().await(20, TimeUnit.SECONDS);
    client.close();
    metrics.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private HttpResponse<String> send(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/readyz", "/healthz", "/startupz"})
  void healthIsOkWhileEveryCheckIs(String path) throws Exception {
    HttpResponse<String> answer = send("GET", path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ok\n");
  }

  @Test
  void failedCheckMakesTheServerUnreadyButNotDead() throws Exception {
    disk = Future.failedFuture("no space\nleft");

    assertThat(send("GET", "/readyz").statusCode()).isEqualTo(503);
    assertThat(send("GET", "/readyz").body())
        .isEqualTo("[-]storage failed: no space left\nreadyz check failed\n");
    assertThat(send("GET", "/healthz").statusCode()).isEqualTo(503);
    assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
  }

  @Test
  void verboseListsEveryCheck() throws Exception {
    assertThat(send("GET", "/readyz?verbose").body())
        .isEqualTo("[+]storage ok\n[+]index ok\nreadyz check passed\n");
  }

  @Test
  void degradationIsADetailOfAServerThatIsReady() throws Exception {
    degradation = Optional.of("it is read-only");

    assertThat(send("GET", "/readyz").body()).isEqualTo("ok\n");
    HttpResponse<String> verbose = send("GET", "/readyz?verbose");
    assertThat(verbose.statusCode()).isEqualTo(200);
    assertThat(verbose.body())
        .isEqualTo("[+]storage degraded: it is read-only\n[+]index ok\nreadyz check passed\n");
  }

  @Test
  void checkThatNeverAnswersIsNotWell() throws Exception {
    disk = Promise.<Void>promise().future();

    HttpResponse<String> answer = send("GET", "/readyz");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).startsWith("[-]storage failed: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/readyz", "/readyz?verbose", "/healthz"})
  void aServerThatStopsIsNotReadyAndStillAnswersOperators(String path) throws Exception {
    server.stopping();

    assertThat(send("GET", path).statusCode()).isEqualTo(503);
    assertThat(send("GET", path).body())
        .isEqualTo("[-]accepting requests failed: stopping\nreadyz check failed\n");
    assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/metrics").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/api/echo?a=1").statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsBeingClosedIsNotAskedAnyMoreButHealthIsTold() throws Exception {
    server.stopping();
    disk = Promise.<Void>promise().future();
    server.closing();

    assertThat(send("GET", "/api/echo?a=1").statusCode()).isEqualTo(503);
    assertThat(send("GET", "/api/echo?a=1").body()).contains("stopping");
    assertThat(send("GET", "/metrics").statusCode()).isEqualTo(503);
    assertThat(send("GET", "/readyz").body()).startsWith("[-]accepting requests failed: stopping");
    assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/plain | text/plain; version=0.0.4; charset=utf-8",
        "*/* | text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text;version=1.0.0 | application/openmetrics-text; version=1.0.0;"
            + " charset=utf-8"
      })
  void metricsComeInTheFormatAskedFor(String accept, String type) throws Exception {
    HttpResponse<String> answer = send("GET", "/metrics", "Accept", accept);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains(type);
    assertThat(answer.body()).contains("breakwater_build_info", "version=\"1.2.3\"", "jvm_");
  }

  @Test
  void protobufIsOfferedToo() throws Exception {
    HttpResponse<String> answer =
        send(
            "GET",
            "/metrics",
            "Accept",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited");

    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/vnd.google.protobuf");
  }

  @Test
  void givenRoutesAreServedWithTheirParameters() throws Exception {
    HttpResponse<String> answer = send("GET", "/api/echo?a=1&a=2&b=x%20y");

    assertThat(answer.body()).isEqualTo("{\"q\":{\"a\":\"1\",\"b\":\"x y\"}}");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void brokenRouteIs500AndTellsNothing() throws Exception {
    HttpResponse<String> answer = send("GET", "/api/broken");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("secret", "Exception");
  }

  @Test
  void unknownPageIsAJson404ThatNamesThePagesThereAre() throws Exception {
    HttpResponse<String> answer = send("GET", "/nope");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(new JsonObject(answer.body()).getString("error")).contains("/readyz", "/metrics");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "DELETE", "PUT"})
  void onlyReadingIsOffered(String method) throws Exception {
    HttpResponse<String> answer = send(method, "/metrics");

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.body()).contains("use GET, HEAD");
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @Test
  void aCommandIsPosted() throws Exception {
    HttpResponse<String> answer = send("POST", "/api/echo?rate=1");

    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.body()).contains("rate");
    assertThat(send("DELETE", "/api/echo").headers().firstValue("Allow"))
        .contains("GET, HEAD, POST");
  }

  @Test
  void aCommandWithAParameterItDoesNotHaveIsRefusedAndNotDone() throws Exception {
    HttpResponse<String> answer = send("POST", "/api/echo?rate=1&dept=2");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .isEqualTo("{\"error\":\"/api/echo has no parameter \\\"dept\\\"; it takes depth, rate\"}");
  }

  @Test
  void aCommandOfAWebPageIsRefused() throws Exception {
    HttpResponse<String> answer = send("POST", "/api/echo", "Origin", "http://evil.example");

    assertThat(answer.statusCode()).isEqualTo(403);
  }

  @Test
  void headHasTheLengthAndNoBody() throws Exception {
    HttpResponse<String> answer = send("HEAD", "/livez");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().firstValue("Content-Length")).contains("3");
  }

  @Test
  void everyAnswerHasSecurityHeaders() throws Exception {
    for (String path : List.of("/livez", "/metrics", "/nope")) {
      assertThat(send("GET", path).headers().map())
          .containsEntry("x-content-type-options", List.of("nosniff"))
          .containsEntry("x-frame-options", List.of("DENY"))
          .containsKeys("content-security-policy", "referrer-policy", "cache-control");
    }
  }

  @Test
  void twoRoutesOfOnePathAreRefused() {
    AdminRoute route = new AdminRoute("/metrics", parameters -> Future.succeededFuture());
    assertThatThrownBy(
            () ->
                new AdminServer(
                    vertx,
                    new AdminServer.Settings(
                        "127.0.0.1",
                        0,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(route),
                        AdminAccess.OPEN),
                    metrics))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
