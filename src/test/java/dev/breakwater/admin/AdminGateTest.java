package dev.breakwater.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the admin listener checks before it looks at what is asked. */
class AdminGateTest {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics("1.2.3", List.of("docker.io"));
  private final AtomicInteger done = new AtomicInteger();
  private AdminServer server;
  private int port;

  private void start(AdminAccess access) throws Exception {
    server =
        new AdminServer(
            vertx,
            new AdminServer.Settings(
                "127.0.0.1",
                0,
                List.of(),
                List.of(),
                List.of(),
                List.of(
                    new AdminRoute("/api/thing", ignored -> answered()),
                    AdminRoute.post("/api/thing", Set.of(), ignored -> answered())),
                access),
            metrics);
    port = server.start().await(20, TimeUnit.SECONDS);
  }

  private static AdminAccess withToken() {
    return new AdminAccess(List.of(), Optional.of(new AdminLogin(List.of(TOKEN))));
  }

  private Future<AdminAnswer> answered() {
    done.incrementAndGet();
    return Future.succeededFuture(AdminAnswer.json(200, Map.of()));
  }

  @AfterEach
  void stop() throws Exception {
    server.close().await(20, TimeUnit.SECONDS);
    metrics.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  /** The whole answer to a request with exactly these lines. */
  private String send(String... lines) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      String head = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static int status(String answer) {
    return Integer.parseInt(answer.split(" ", 3)[1]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/thing", "/metrics", "/readyz", "/nope"})
  void nameOfAStrangerIsRefusedOnEveryPage(String path) throws Exception {
    start(new AdminAccess(List.of("mirror.example.com"), Optional.empty()));

    String answer = send("GET " + path + " HTTP/1.1", "Host: evil.example:" + port);
    assertThat(status(answer)).isEqualTo(403);
    assertThat(answer).contains("evil.example", "admin.hosts", "BREAKWATER_ADMIN_HOSTS");
    assertThat(done).hasValue(0);
    assertThat(status(send("GET " + path + " HTTP/1.1", "Host: mirror.example.com:" + port)))
        .isNotEqualTo(403);
  }

  @Test
  void commandByANameOfAStrangerIsNotDone() throws Exception {
    start(AdminAccess.OPEN);
    assertThat(
            status(
                send(
                    "POST /api/thing HTTP/1.1",
                    "Host: evil.example",
                    "Origin: http://evil.example",
                    "Sec-Fetch-Site: same-origin",
                    "Content-Length: 0")))
        .isEqualTo(403);
    assertThat(done).hasValue(0);
  }

  @Test
  void urlInTheRequestLineCountsMoreThanTheHeader() throws Exception {
    start(AdminAccess.OPEN);
    assertThat(status(send("GET http://evil.example/api/thing HTTP/1.1", "Host: localhost")))
        .isEqualTo(403);
    assertThat(status(send("GET http://localhost/api/thing HTTP/1.1", "Host: localhost")))
        .isEqualTo(200);
  }

  @Test
  void hostIsNeededOnceButInHttp10() throws Exception {
    start(AdminAccess.OPEN);
    assertThat(status(send("GET /readyz HTTP/1.0"))).isEqualTo(200);
    assertThat(status(send("GET /readyz HTTP/1.0", "Host: evil.example"))).isEqualTo(403);
    assertThat(status(send("GET /readyz HTTP/1.1"))).isEqualTo(400);
    assertThat(status(send("GET /readyz HTTP/1.1", "Host:"))).isBetween(400, 403);
    assertThat(status(send("GET /readyz HTTP/1.1", "Host: localhost", "Host: evil.example")))
        .isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site: same-origin, 200",
    "Sec-Fetch-Site: cross-site, 403",
    "Origin: http://localhost:5001, 200",
    "Origin: http://localhost, 403",
    "Origin: http://evil.example, 403",
    "Origin: null, 403",
    "X-Nothing: 1, 200"
  })
  void commandOfAPageIsDoneOnlyForOurOwnOrigin(String field, int status) throws Exception {
    start(AdminAccess.OPEN);
    assertThat(
            status(
                send(
                    "POST /api/thing HTTP/1.1",
                    "Host: localhost:5001",
                    field,
                    "Content-Length: 0")))
        .isEqualTo(status);
    assertThat(done).hasValue(status == 200 ? 1 : 0);
  }

  @Test
  void withoutTheTokenOnlyHealthAndMetricsAreAnswered() throws Exception {
    start(withToken());
    for (String path : List.of("/livez", "/readyz", "/healthz", "/startupz", "/metrics")) {
      assertThat(status(send("GET " + path + " HTTP/1.1", "Host: localhost"))).isEqualTo(200);
    }
    for (String path : List.of("/api/thing", "/nope", "/", "/metrics/", "//metrics", "/METRICS")) {
      String answer = send("GET " + path + " HTTP/1.1", "Host: localhost");
      assertThat(status(answer)).as(path).isEqualTo(401);
      assertThat(answer).containsIgnoringCase("WWW-Authenticate: Basic realm=");
      assertThat(answer).as("no page is named").doesNotContain("/api/");
    }
    assertThat(status(send("POST /api/thing HTTP/1.1", "Host: localhost", "Content-Length: 0")))
        .isEqualTo(401);
    assertThat(done).hasValue(0);
  }

  @Test
  void withTheTokenItIsAnsweredAndAWrongOneIsNoneAndIsNotRepeated() throws Exception {
    start(withToken());
    assertThat(
            status(
                send(
                    "POST /api/thing HTTP/1.1",
                    "Host: localhost",
                    "Authorization: Bearer " + TOKEN,
                    "Content-Length: 0")))
        .isEqualTo(200);
    String wrong =
        send("GET /api/thing HTTP/1.1", "Host: localhost", "Authorization: Bearer hunter2hunter2");
    assertThat(status(wrong)).isEqualTo(401);
    assertThat(wrong).doesNotContain("hunter2", TOKEN);
    assertThat(
            status(
                send(
                    "GET /api/thing HTTP/1.1",
                    "Host: localhost",
                    "Authorization: Bearer " + TOKEN,
                    "Authorization: Bearer " + TOKEN)))
        .isEqualTo(401);
    assertThat(done).hasValue(1);
  }

  @Test
  void tokenOpensNothingForAPageOfAnotherSite() throws Exception {
    start(withToken());
    assertThat(
            status(
                send(
                    "POST /api/thing HTTP/1.1",
                    "Host: localhost",
                    "Authorization: Bearer " + TOKEN,
                    "Sec-Fetch-Site: cross-site",
                    "Content-Length: 0")))
        .isEqualTo(403);
    assertThat(done).hasValue(0);
  }
}
