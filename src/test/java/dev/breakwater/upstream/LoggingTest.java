package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.body;
import static dev.breakwater.testing.Faults.contentLength;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.testing.RequestMatcher.token;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.SeenRequest;
import dev.breakwater.testing.TestImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String SECRET = "c4nary-s3cret";

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.breakwater.upstream");
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
  private final TestImage image = TestImage.docker().layer(1000).build();
  private final FaultyRegistry upstream =
      FaultyRegistry.builder()
          .bearer()
          .redirectBlobs()
          .account("alice", SECRET)
          .start()
          .put(NGINX.value(), TAG.value(), image);
  private final UpstreamClient client =
      UpstreamClient.of(upstream).account("alice", SECRET).build();

  @BeforeEach
  void listen() {
    appender.start();
    logger.setLevel(Level.DEBUG);
    logger.addAppender(appender);
  }

  @AfterEach
  void close() {
    logger.detachAppender(appender);
    logger.setLevel(null);
    client.close();
    upstream.close();
  }

  private List<String> lines(Level level) {
    return List.copyOf(appender.list).stream()
        .filter(event -> event.getLevel() == level)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void requestThatFailsIsNotWarnedOfBecauseItsAccessLineSaysWhy() {
    upstream.on(manifest()).then(tooManyRequests(Duration.ofMinutes(5)));
    for (int i = 0; i < 3; i++) {
      failureOf(client.registry().getManifest(NGINX, TAG));
    }
    String fault = "[429] pulling manifest library/nginx:1.27 from 127.0.0.1:";
    assertThat(lines(Level.WARN)).isEmpty();
    assertThat(lines(Level.DEBUG)).filteredOn(line -> line.startsWith(fault)).hasSize(1);
    client.skip(Duration.ofMinutes(5));
    failureOf(client.registry().getManifest(NGINX, TAG));
    assertThat(lines(Level.WARN)).isEmpty();
    assertThat(lines(Level.DEBUG)).filteredOn(line -> line.startsWith(fault)).hasSize(2);
  }

  @Test
  void upstreamThatIsDownIsWarnedOfOnceAndNamed() {
    upstream.goDown();
    for (int i = 0; i < 8; i++) {
      failureOf(client.registry().getManifest(NGINX, TAG));
    }
    assertThat(lines(Level.WARN)).hasSize(1);
    assertThat(lines(Level.WARN).getFirst()).startsWith("[faulty.test] 127.0.0.1:");
    upstream.comeBack();
    client.skip(Duration.ofSeconds(10));
    await(client.registry().getManifest(NGINX, TAG));
    assertThat(lines(Level.WARN)).hasSize(1);
    assertThat(lines(Level.INFO)).hasSize(1);
  }

  @Test
  void registryThatAnswers429ToEverythingIsWarnedOfOnceWithTheTime() {
    upstream.on(manifest()).then(tooManyRequests(Duration.ofSeconds(60)));
    for (int i = 0; i < 12; i++) {
      RepositoryName repository = RepositoryName.parse("library/image" + i);
      upstream.put(repository.value(), TAG.value(), image);
      failureOf(client.registry().headManifest(repository, TAG));
    }
    assertThat(lines(Level.WARN)).hasSize(1);
    assertThat(lines(Level.WARN).getFirst())
        .contains("answers 429 to every manifest request of alice", "asked again in 60 s");
    upstream.heal();
    client.skip(Duration.ofSeconds(60));
    await(client.registry().getManifest(NGINX, TAG));
    assertThat(lines(Level.INFO)).singleElement().asString().contains("again");
  }

  @Test
  void registryThatIsDownIsReportedOnceAndAgainWhenItIsUp() {
    upstream.on(manifest()).then(status(502));
    for (int i = 0; i < 8; i++) {
      failureOf(client.registry().getManifest(NGINX, TAG));
    }
    assertThat(lines(Level.WARN))
        .filteredOn(line -> line.contains(" is down for "))
        .singleElement()
        .asString()
        .contains(" is down for manifest requests; retrying every 10 s, serving from cache: ");
    upstream.heal();
    client.skip(Duration.ofSeconds(10));
    await(client.registry().getManifest(NGINX, TAG));
    assertThat(lines(Level.INFO))
        .filteredOn(line -> line.contains(" is up again for manifest requests, after 10 s"))
        .hasSize(1);
  }

  @Test
  void ordinaryNoIsNotWarnedOf() {
    failureOf(client.registry().getManifest(NGINX, Tag.parse("missing")));
    assertThat(lines(Level.WARN)).isEmpty();
    assertThat(lines(Level.DEBUG)).hasSize(1);
  }

  @Test
  void noSecretIsLoggedOrThrown() {
    List<String> said = new ArrayList<>();
    String encoded = new Credentials("alice", SECRET).encoded();
    upstream
        .on(token())
        .once()
        .then(status(404), body("{\"errors\":[{\"code\":\"" + SECRET + "\"}]}"));
    said.add(failureOf(client.registry().getManifest(NGINX, TAG)).toString());
    await(client.registry().getManifest(NGINX, TAG));
    upstream
        .on(manifest())
        .then(
            status(404),
            body(
                "{\"errors\":[{\"code\":\"X\",\"message\":\"%s %s token-2-of-alice\"}]}"
                    .formatted(SECRET, encoded)));
    said.add(failureOf(client.registry().getManifest(NGINX, TAG)).toString());
    upstream.on(any().on(Listener.CDN)).times(2).then(status(403));
    said.add(failureOf(client.download(image.layer(0).digest(), 0)).toString());
    upstream.on(any().on(Listener.CDN)).then(contentLength(5000));
    said.add(failureOf(client.download(image.layer(0).digest(), 0)).toString());

    said.addAll(lines(Level.DEBUG));
    said.addAll(lines(Level.WARN));
    List<String> secrets = new ArrayList<>(List.of(SECRET, encoded, "token-2"));
    for (SeenRequest request : upstream.requests(any().on(Listener.CDN))) {
      secrets.add(request.query());
    }
    assertThat(secrets).hasSize(6).doesNotContain("");
    assertThat(said).hasSizeGreaterThan(6);
    for (String secret : secrets) {
      assertThat(said).noneMatch(line -> line.contains(secret));
    }
  }
}
