package dev.breakwater.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.breakwater.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AuditLogTest {
  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics("1.2.3", List.of("docker.io"));
  private final HttpClient client = HttpClient.newHttpClient();
  private final Logger logger = (Logger) LoggerFactory.getLogger("audit");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private AdminServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
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
                    new AdminRoute("/api/purge", ignored -> answered("nothing is changed")),
                    AdminRoute.post(
                        "/api/purge",
                        Set.of("upstream", "repository"),
                        ignored -> answered("forgot 3 tags")),
                    AdminRoute.post(
                        "/api/broken",
                        Set.of(),
                        ignored -> {
                          throw new IllegalStateException("secret");
                        })),
                AdminAccess.OPEN),
            metrics);
    port = server.start().await(20, TimeUnit.SECONDS);
  }

  private static Future<AdminAnswer> answered(String result) {
    return Future.succeededFuture(AdminAnswer.json(200, Map.of()).withResult(result));
  }

  @AfterEach
  void stop() throws Exception {
    logger.detachAppender(lines);
    logger.setLevel(null);
    server.close().await(20, TimeUnit.SECONDS);
    client.close();
    metrics.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private int send(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString()).statusCode();
  }

  @Test
  void aCommandIsLoggedOnceWithWhoAndWhat() throws Exception {
    send("POST", "/api/purge?upstream=docker.io&repository=library/nginx", "User-Agent", "curl/8");
    assertThat(lines.list).hasSize(1);
    ILoggingEvent line = lines.list.getFirst();
    assertThat(line.getLevel()).isEqualTo(Level.INFO);
    assertThat(line.getFormattedMessage()).isEqualTo("POST /api/purge: forgot 3 tags");
    assertThat(fields(line))
        .isEqualTo(
            Map.of(
                "status",
                "200",
                "target",
                "repository=library/nginx upstream=docker.io",
                "client",
                "127.0.0.1",
                "ua",
                "curl/8"));
  }

  @Test
  void whatIsRefusedOrFailsIsLoggedToo() throws Exception {
    assertThat(send("POST", "/api/purge?repo=x")).isEqualTo(400);
    assertThat(send("POST", "/api/purge", "Origin", "http://evil.example")).isEqualTo(403);
    assertThat(send("POST", "/api/broken")).isEqualTo(500);
    assertThat(lines.list)
        .extracting(line -> fields(line).get("status"))
        .containsExactly("400", "403", "500");
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .allSatisfy(line -> assertThat(line).doesNotContain("secret"))
        .first()
        .asString()
        .contains("has no parameter");
  }

  @Test
  void whatChangesNothingIsNotLogged() throws Exception {
    assertThat(send("GET", "/api/purge")).isEqualTo(200);
    assertThat(send("POST", "/nowhere")).isEqualTo(405);
    assertThat(send("POST", "/metrics")).isEqualTo(405);
    assertThat(lines.list).isEmpty();
  }

  @Test
  void whatAClientSaysIsCutAndEscaped() throws Exception {
    String many =
        Set.of("upstream", "repository").stream()
            .map(name -> name + "=" + "%0A".repeat(500))
            .collect(Collectors.joining("&"));
    send("POST", "/api/purge?" + many, "User-Agent", "a\"" + "b".repeat(5000));
    Map<String, String> fields = fields(lines.list.getFirst());
    assertThat(fields.get("ua")).startsWith("a\\\"bb").endsWith("...").hasSizeLessThan(200);
    assertThat(fields.get("target"))
        .startsWith("repository=\\u000a\\u000a")
        .endsWith("...")
        .hasSizeLessThan(600);
  }

  private static Map<String, String> fields(ILoggingEvent line) {
    return line.getKeyValuePairs().stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
  }
}
