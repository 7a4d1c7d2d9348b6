package dev.breakwater.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.testing.Content;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the process ends when it is told to, and what it writes from its start to its end. */
@Timeout(600)
class ShutdownIT extends ServerFaults {
  private static final long LARGE = 32L << 20;
  private static final int READ = 100_000;
  private static final Pattern ADDRESSES =
      Pattern.compile(
          "ready: clients http://(127\\.0\\.0\\.1:[1-9][0-9]*);"
              + " admin http://(127\\.0\\.0\\.1:[1-9][0-9]*); .*");

  private final ObjectMapper json = new ObjectMapper();

  @Test
  void operatorsSeeTheStopUntilItsEndAndTheTransferIsFinished() throws Exception {
    start(Map.of());
    Content layer = cached(1, LARGE).layer(0);
    try (Socket idle = connect();
        Socket pull = connect();
        HttpClient http = HttpClient.newHttpClient()) {
      ask(idle, "/v2/");
      assertThat(idle.getInputStream().read()).isPositive();
      beginPull(pull, layer);
      mirror.terminate();
      await("it says that it is not ready", () -> !mirror.isReady());

      HttpResponse<String> ready = get(http, "/readyz");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("stopping");
      assertThat(get(http, "/livez").statusCode()).isEqualTo(200);
      assertThat(get(http, "/metrics").body()).contains("breakwater_connections");
      idle.getInputStream().readAllBytes();
      assertThat(mirror.endsWithin(0)).as("it waits for the pull").isFalse();
      assertThat(remainder(pull)).isGreaterThan(LARGE - READ);
    }
    assertThat(mirror.awaitEnd()).isZero();
    assertThat(messages())
        .containsSubsequence("stopping: waiting up to 25 s for 1 transfer", "stopped");
    assertThat(data.resolve("lock")).as("an orderly end").isEmptyFile();
  }

  @Test
  void aTransferThatOutlastsTheGraceIsCut() throws Exception {
    start(Map.of("BREAKWATER_SHUTDOWN_GRACE", "500ms"));
    Content layer = cached(1, LARGE).layer(0);
    try (Socket pull = connect()) {
      beginPull(pull, layer);
      mirror.terminate();
      assertThat(mirror.awaitEnd()).isZero();
      assertThat(remainder(pull)).isLessThan(LARGE - READ);
    }
    assertThat(messages())
        .containsSubsequence(
            "stopping: waiting up to 0.5 s for 1 transfer",
            "cut 1 transfer: not finished 0.5 s after the stop began (shutdown.grace)",
            "stopped");
    assertThat(data.resolve("lock")).as("an orderly end").isEmptyFile();
  }

  @Test
  void aSecondSignalEndsItAtOnce() throws Exception {
    start(Map.of("BREAKWATER_SHUTDOWN_GRACE", "1h"));
    Content layer = cached(1, LARGE).layer(0);
    try (Socket pull = connect()) {
      beginPull(pull, layer);
      mirror.terminate();
      await("it says that it is not ready", () -> !mirror.isReady());
      mirror.terminate();

      assertThat(mirror.awaitEnd()).as("128 and the number of SIGTERM").isEqualTo(143);
    }
    assertThat(messages())
        .doesNotContain("stopped")
        .anyMatch(line -> line.contains("second signal"));
    mirror.start();
    assertRight(layer);
  }

  @Test
  void fromStartToEndItWritesJsonLinesOnlyAndSaysWhereItIs() throws Exception {
    List<String> first = run();
    List<String> second = run();

    assertThat(first).anyMatch(line -> line.contains("new, empty cache, at most "));
    assertThat(second)
        .noneMatch(line -> line.contains("new, empty cache"))
        .anyMatch(line -> line.matches("ready: .*: [0-9.]+ [KM]iB of at most [0-9.]+ .iB used"));
    assertThat(first).endsWith("stopping: no transfer is under way", "stopped");
  }

  /** Starts it on ports of the system's choice, asks something, and ends it; all messages. */
  private List<String> run() throws Exception {
    Path output = workspace.log("whole");
    Files.deleteIfExists(output);
    ProcessBuilder builder =
        new ProcessBuilder(
                BreakwaterProcess.launcher().toString(),
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "--data",
                data.toString(),
                "--upstream",
                "docker.io=" + upstream.url())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    // The JVM warns of the young generation, which is larger than this heap.
    builder
        .environment()
        .put(
            "BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS", URI.create(upstream.authUrl()).getAuthority());
    builder.environment().put("BREAKWATER_OPTS", "-Xms40m -Xmx80m");
    Process process = builder.start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      await("it is ready", () -> addresses(output).matches() || !process.isAlive());
      Matcher real = addresses(output);
      assertThat(real.matches()).as("%s", messages(output)).isTrue();
      assertThat(status(http, real.group(1) + "/v2/")).isEqualTo(200);
      assertThat(status(http, real.group(1) + "/v2/library/absent/manifests/1")).isEqualTo(404);
      assertThat(status(http, real.group(2) + "/readyz")).isEqualTo(200);
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return messages(output);
  }

  private Matcher addresses(Path output) {
    return ADDRESSES.matcher(
        messages(output).stream()
            .filter(line -> line.startsWith("ready: "))
            .findFirst()
            .orElse(""));
  }

  private static int status(HttpClient http, String url) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://" + url)).build(), BodyHandlers.discarding())
        .statusCode();
  }

  private HttpResponse<String> get(HttpClient http, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(mirror.admin().resolve(path)).build(), BodyHandlers.ofString());
  }

  private List<String> messages() {
    return messages(workspace.log("breakwater"));
  }

  /** The message of each line; a line that is not JSON fails the test. */
  private List<String> messages(Path output) {
    List<String> messages = new ArrayList<>();
    try {
      String text = Files.exists(output) ? Files.readString(output) : "";
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        JsonNode node = json.readTree(line);
        messages.add(node.get("msg").asText());
      }
    } catch (IOException e) {
      throw new AssertionError(output + " has a line that is not JSON", e);
    }
    return messages;
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    // A small window, so that most of the answer waits in the server.
    socket.setReceiveBufferSize(16 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), mirror.uri().getPort()));
    return socket;
  }

  private static void ask(Socket socket, String path) throws IOException {
    String request = "GET " + path + " HTTP/1.1\r\nHost: mirror\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(US_ASCII));
  }

  private static void beginPull(Socket socket, Content layer) throws IOException {
    ask(socket, "/v2/" + NGINX + "/blobs/" + layer.digest());
    assertThat(socket.getInputStream().readNBytes(READ)).hasSize(READ);
  }

  private static long remainder(Socket socket) throws IOException {
    long bytes = 0;
    InputStream in = socket.getInputStream();
    try {
      byte[] buffer = new byte[64 * 1024];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes += read;
      }
    } catch (IOException e) {
      // Cut by a reset.
      return bytes;
    }
    return bytes;
  }
}
