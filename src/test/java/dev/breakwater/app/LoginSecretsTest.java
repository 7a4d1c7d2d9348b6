package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The login of an upstream is seen by that upstream and by nothing else. */
class LoginSecretsTest {
  private static final String SECRET = "c4nary-s3cret";
  private static final String PAIR =
      Base64.getEncoder().encodeToString(("alice:" + SECRET).getBytes(StandardCharsets.UTF_8));
  private static final String REPOSITORY = "team/private";

  private final Logger logger = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Level before = logger.getLevel();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final TestImage image = TestImage.docker().layer(1000).build();

  @TempDir Path directory;

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.DEBUG);
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(before);
  }

  @Test
  void loginOfDockersFileIsInNoLogMetricAnswerOrFile() throws Exception {
    Path file = directory.resolve("config.json");
    Path data = directory.resolve("data");
    try (FaultyRegistry upstream =
        FaultyRegistry.builder()
            .bearer()
            .redirectBlobs()
            .account("alice", SECRET)
            .privateRepository(REPOSITORY, "alice")
            .start()
            .put(REPOSITORY, "1", image)) {
      String host = URI.create(upstream.url()).getAuthority();
      Files.writeString(file, "{\"auths\":{\"" + host + "\":{\"auth\":\"" + PAIR + "\"}}}");
      StringBuilder seen = new StringBuilder();
      try (RunningMirror mirror =
              RunningMirror.of(upstream, data)
                  .set("BREAKWATER_UPSTREAMS_DOCKER_IO_DOCKER_CONFIG", file.toString())
                  .set("BREAKWATER_UPSTREAMS_DOCKER_IO_PUBLIC_ONLY", "false")
                  .start();
          HttpClient http = HttpClient.newHttpClient()) {
        for (String path :
            List.of(
                "manifests/1", "blobs/" + image.layer(0).digest(), "tags/list", "manifests/2")) {
          HttpResponse<String> answer =
              http.send(
                  HttpRequest.newBuilder(mirror.uri().resolve("/v2/" + REPOSITORY + "/" + path))
                      .build(),
                  HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
          assertThat(answer.statusCode()).as(path).isEqualTo(path.endsWith("/2") ? 404 : 200);
          seen.append(answer.headers()).append(answer.body());
        }
        seen.append(mirror.metrics()).append(mirror.get("/api/upstreams"));
      }
      lines.list.forEach(
          line -> seen.append(line.getFormattedMessage()).append(line.getMDCPropertyMap()));
      try (Stream<Path> files = Files.walk(data)) {
        for (Path kept : files.filter(Files::isRegularFile).toList()) {
          seen.append(Files.readString(kept, StandardCharsets.ISO_8859_1));
        }
      }
      assertThat(upstream.requestsContaining(PAIR)).as("it was used").isNotEmpty();
      assertThat(upstream.credentialsSeenBy(dev.breakwater.testing.Listener.CDN)).isEmpty();
      assertThat(seen.toString()).contains("dockerConfig").doesNotContain(SECRET, PAIR);
    }
  }
}
