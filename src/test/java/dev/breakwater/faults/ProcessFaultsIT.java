package dev.breakwater.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Command;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.Faults;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What happens to a whole process: the rows "Process" of the failure list. {@code KillIT} has the
 * first two, {@code kill -9} and power loss as far as a kill can show it, {@code ClockJumpTest} the
 * last.
 */
@Timeout(600)
class ProcessFaultsIT extends ServerFaults {
  private static final long SIZE = 200_000;
  private static final long LARGE = 32L << 20;

  @Test
  void aSecondProcessIsTurnedAwayAndHarmsNothing() throws Exception {
    start(Map.of());
    TestImage image = cached(1, SIZE);
    Path output = workspace.log("second");
    Process second =
        new ProcessBuilder(
                BreakwaterProcess.launcher().toString(),
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--data",
                data.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isEqualTo(1);
    assertThat(output).content().contains("is in use by process " + mirror.pid());
    assertRight(image);
  }

  @Test
  void sigtermLetsRunningPullsEndAndTakesNoNewOnes() throws Exception {
    start(Map.of());
    TestImage image = cached(1, LARGE);
    Content layer = image.layer(0);
    try (Socket socket = connect()) {
      String request =
          "GET /v2/" + NGINX + "/blobs/" + layer.digest() + " HTTP/1.1\r\nHost: mirror\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      answer.write(in.readNBytes(100_000));
      mirror.terminate();
      await("no connection is accepted any more", this::isShut);
      answer.write(in.readAllBytes());
      byte[] bytes = answer.toByteArray();
      int body = new String(bytes, US_ASCII).indexOf("\r\n\r\n") + 4;
      assertThat(Arrays.copyOfRange(bytes, body, bytes.length))
          .isEqualTo(layer.bytes(0, (int) LARGE));
    }
    assertThat(mirror.awaitEnd()).isZero();
    assertThat(data.resolve("lock")).as("an orderly end").isEmptyFile();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    // A small window, so that most of the answer waits in the server.
    socket.setReceiveBufferSize(16 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), mirror.uri().getPort()));
    return socket;
  }

  private boolean isShut() {
    try (Socket refused = connect()) {
      return refused.isClosed();
    } catch (ConnectException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Each held 367 MiB of objects when it was read as a tree. */
  @Test
  void largeDocumentsFullOfWhatIsNotReadEndNothing() throws Exception {
    start(Map.of());
    TestImage image = cached(1, SIZE);
    byte[] hostile = manifestFullOfObjects(4 << 20);
    upstream
        .on(RequestMatcher.manifest().and("hostile", request -> isHostile(request.reference())))
        .then(Faults.withoutHeader("Docker-Content-Digest"), Faults.body(Content.of(hostile)));
    for (int i = 0; i < 6; i++) {
      upstream.put(NGINX, "hostile" + i, image);
    }
    try (PullClient client = new PullClient(mirror.uri());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String tag = "hostile" + i;
        replies.add(threads.submit(() -> client.manifest(NGINX, tag)));
      }
      for (Future<Reply> reply : replies) {
        assertThat(reply.get().status()).isIn(200, 503);
      }
    }
    assertThat(mirror.isReady()).isTrue();
    assertRight(image);
  }

  private static boolean isHostile(String reference) {
    return reference.startsWith("hostile");
  }

  private static byte[] manifestFullOfObjects(int size) {
    String digest = "sha256:" + "0".repeat(64);
    String head =
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":\
        {"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":2},"layers":[],"x":[\
        """
            .formatted(digest);
    StringBuilder text = new StringBuilder(head);
    while (text.length() < size - 10) {
      text.append("{},");
    }
    return text.append("{}]}").toString().getBytes(US_ASCII);
  }

  @Test
  void withoutMemoryItEndsAtOnceAndTheNextStartIsSound() throws Exception {
    start(Map.of());
    TestImage image = cached(1, SIZE);
    mirror.kill();
    ProcessBuilder starved =
        new ProcessBuilder(
                BreakwaterProcess.launcher().toString(),
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "--data",
                data.toString())
            .redirectErrorStream(true)
            .redirectOutput(workspace.log("starved").toFile());
    starved.environment().put("BREAKWATER_OPTS", "-Xms5m -Xmx5m");
    Process process = starved.start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("of -XX:+ExitOnOutOfMemoryError").isEqualTo(3);
    mirror.start();
    assertRight(image);
  }

  @Test
  void withoutFileDescriptorsWhatIsOpenGoesOnAndNothingIsTakenForDamage() throws Exception {
    // With so few at its start it would keep the crowd out by its limit of connections.
    mirrorWithDescriptors(4_096);
    TestImage image = cached(2, SIZE);
    Content layer = image.layer(0);
    Command.of("prlimit", "--pid", Long.toString(mirror.pid()), "--nofile=320").run();
    // Now its file is open; while it came it was another one.
    assertRight(layer);
    List<Socket> crowd = new ArrayList<>();
    try {
      for (int i = 0; i < 400; i++) {
        crowd.add(new Socket(InetAddress.getLoopbackAddress(), mirror.uri().getPort()));
      }
      await("no descriptor is left", () -> descriptors() >= 318);
      for (int i = 0; i < 5; i++) {
        // By a connection that is open, from a file that is open.
        assertRight(layer);
      }
    } finally {
      for (Socket socket : crowd) {
        socket.close();
      }
    }
    await("there are some again", () -> descriptors() < 250);
    assertRight(cached(2, SIZE));
    assertRight(image);
    assertThat(data.resolve("quarantine")).doesNotExist();
    assertThat(mirror.metrics()).contains("breakwater_index_writable 1.0");
  }

  private void mirrorWithDescriptors(int count) {
    start(Map.of(), List.of("prlimit", "--nofile=" + count));
  }

  private long descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + mirror.pid() + "/fd"))) {
      return open.count();
    } catch (IOException e) {
      return 0;
    }
  }
}
