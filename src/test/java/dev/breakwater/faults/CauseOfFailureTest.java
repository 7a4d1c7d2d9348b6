package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.body;
import static dev.breakwater.testing.Faults.htmlPage;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.RequestMatcher.any;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RequestMatcher;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever fails, the operator finds one line that says why, and the client's user a few words. */
@Tag("slow")
class CauseOfFailureTest extends UpstreamFaults {
  private final AtomicLong nanos = new AtomicLong(1_000_000_000L);
  private final AccessLines lines = new AccessLines();

  @AfterEach
  void stopListening() {
    lines.close();
  }

  private void startClocked() throws Exception {
    start(registry(), mirror -> mirror.nanos(nanos::get));
  }

  /** Sends a request and checks what client and log are told of its failure. */
  private Map<String, String> assertFails(
      String method, String path, int status, FailureCause cause) throws Exception {
    String statusLine = statusLine(method, path);
    Map<String, String> line = lines.next();
    assertThat(statusLine).as("%s", line).startsWith("HTTP/1.1 " + status + " ");
    assertThat(statusLine).as("%s", line).contains(": " + cause.phrase());
    assertThat(line)
        .containsEntry("status", String.valueOf(status))
        .containsEntry("cause", cause.word())
        .containsEntry("cache", cause.cacheResult().label())
        .containsKey("error");
    assertThat(lines.isEmpty()).as("no other access line").isTrue();
    return line;
  }

  private String statusLine(String method, String path) throws Exception {
    URI uri = mirror.uri();
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout(30_000);
      String head = method + " " + path + " HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
          .readLine();
    }
  }

  private static RequestMatcher manifests() {
    return RequestMatcher.manifest();
  }

  private static String path(String tag) {
    return "/v2/" + NGINX + "/manifests/" + tag;
  }

  @ParameterizedTest
  @CsvSource({
    "400, 503, UPSTREAM_4XX",
    "401, 404, UPSTREAM_401",
    "403, 404, UPSTREAM_403",
    "404, 404, UPSTREAM_404",
    "451, 503, UPSTREAM_4XX",
    "501, 503, UPSTREAM_5XX",
    "502, 503, UPSTREAM_5XX"
  })
  void statusOfUpstreamIsTheCause(int upstreamStatus, int status, FailureCause cause)
      throws Exception {
    startClocked();
    upstream.on(manifests()).then(status(upstreamStatus));
    assertFails("GET", path(TAG), status, cause);
    assertThat(lines.warnings()).as("no WARN for a request that failed").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"404, UPSTREAM_404", "403, UPSTREAM_4XX", "502, UPSTREAM_5XX"})
  void blobSaysTheCauseThoughItsStatusIsAlways404(int upstreamStatus, FailureCause cause)
      throws Exception {
    startClocked();
    upstream.on(any().on(Listener.CDN)).then(status(upstreamStatus));
    assertFails("GET", "/v2/" + NGINX + "/blobs/" + layer.digest(), 404, cause);
    assertThat(lines.warnings()).isEmpty();
  }

  @Test
  void refusalThatIsRememberedKeepsItsCause() throws Exception {
    startClocked();
    assertFails("GET", path("absent"), 404, FailureCause.UPSTREAM_404);
    int asked = upstream.requests().size();
    assertFails("HEAD", path("absent"), 404, FailureCause.UPSTREAM_404);
    assertThat(upstream.requests()).hasSize(asked);
  }

  @Test
  void tooManyRequestsSayForHowLong() throws Exception {
    startClocked();
    upstream.on(manifests()).then(tooManyRequests(Duration.ofSeconds(77)));
    Map<String, String> line = assertFails("HEAD", path(TAG), 503, FailureCause.UPSTREAM_429);
    assertThat(line.get("error")).endsWith("; it is asked again in 77 s");
    assertThat(statusLine("HEAD", path(TAG))).endsWith(" (retry in 77 s)");
    assertThat(lines.warnings()).isEmpty();
  }

  @Test
  void pageOfAPortalAndWrongContentAreToldApart() throws Exception {
    startClocked();
    upstream.on(manifests().get()).then(body("{\"schemaVersion\":2}"));
    assertFails("GET", path(TAG), 503, FailureCause.DIGEST_MISMATCH);
    upstream.heal();
    upstream.on(manifests()).then(htmlPage());
    assertFails("GET", path(TAG), 503, FailureCause.UPSTREAM_INVALID);
  }

  @Test
  void upstreamThatIsDownIsWarnedOfOnceAndThenTheBreakerIsTheCause() throws Exception {
    startClocked();
    upstream.goDown();
    for (int i = 0; i < 5; i++) {
      assertFails("HEAD", path("absent"), 503, FailureCause.UPSTREAM_CONNECT);
    }
    for (int i = 0; i < 5; i++) {
      assertFails("HEAD", path("absent"), 503, FailureCause.BREAKER_OPEN);
    }
    assertThat(lines.warnings()).as("one change of state").hasSize(1);
  }

  @Test
  void offlineIsNoErrorOfTheCache() throws Exception {
    start(registry(), mirror -> mirror.set("BREAKWATER_CACHE_OFFLINE", "true"));
    assertFails("GET", path(TAG), 503, FailureCause.OFFLINE);
    assertFails("GET", "/v2/" + NGINX + "/blobs/" + layer.digest(), 404, FailureCause.OFFLINE);
    assertThat(lines.warnings()).isEmpty();
  }

  @Test
  void unknownRegistryIsNoErrorOfTheCache() throws Exception {
    start();
    assertFails("GET", path(TAG) + "?ns=quay.example", 404, FailureCause.UNKNOWN_REGISTRY);
  }

  @Test
  void clientOfABlobThatIsNotInUpstreamIsToldSoByHeadAsWell() throws Exception {
    startClocked();
    Digest absent = Digest.ofSha256(new byte[] {1, 2, 3});
    assertFails("HEAD", "/v2/" + NGINX + "/blobs/" + absent, 404, FailureCause.UPSTREAM_404);
    assertThat(lines.warnings()).isEmpty();
  }
}
