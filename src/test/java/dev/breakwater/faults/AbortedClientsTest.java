package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.holdAt;
import static dev.breakwater.testing.Faults.holdUntil;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Gate;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave in every phase of a request, after which every gauge is at zero again. */
class AbortedClientsTest extends UpstreamFaults {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<String> GAUGES =
      List.of("connections", "download_waiters", "downloads_inflight");

  private final List<Socket> clients = new ArrayList<>();

  @ParameterizedTest(name = "by a reset: {0}")
  @ValueSource(booleans = {true, false})
  void gaugesReturnToZero(boolean reset) throws Exception {
    start();
    pull(image);
    TestImage other = TestImage.docker().seed(7).layer(LARGE).layer(LARGE).layer(50_000).build();
    upstream.put(NGINX, "other", other);
    Gate gate = new Gate();
    upstream.on(RequestMatcher.manifest()).then(holdUntil(gate));
    upstream.on(RequestMatcher.blob().on(Listener.CDN)).then(holdAt(300_000, gate));

    connect();
    send("GET /v2/ HT");
    send(request("GET", "manifests/other"));
    send(request("HEAD", "manifests/other"));
    send(request("GET", "blobs/" + image.layer(0).digest()));
    read(send(request("GET", "blobs/" + image.layer(0).digest())));
    for (int i = 0; i < 3; i++) {
      for (int twice = 0; twice < 2; twice++) {
        send(request("GET", "blobs/" + other.layer(i).digest()));
      }
    }
    read(clients.get(6)); // the first of a large blob that comes
    gate.awaitArrivals(3, PATIENCE);
    assertThat(mirror.metric("downloads_inflight")).isPositive();
    for (Socket socket : clients) {
      if (reset) {
        socket.setSoLinger(true, 0);
      }
      socket.close();
    }
    gate.open();
    assertRight(fetch(other.layer(0)), other.layer(0));
    client.close();
    client = null;
    GAUGES.forEach(this::await);
  }

  private void await(String gauge) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (mirror.metric(gauge) != 0) {
      assertThat(System.nanoTime()).as("%s is zero again", gauge).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static String request(String method, String what) {
    return method + " /v2/" + NGINX + "/" + what + " HTTP/1.1\r\nHost: m\r\n\r\n";
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(mirror.uri().getHost(), mirror.uri().getPort());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    clients.add(socket);
    return socket;
  }

  private Socket send(String text) throws IOException {
    Socket socket = connect();
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  /** Reads the head and some of the body. */
  private static void read(Socket socket) throws IOException {
    assertThat(socket.getInputStream().readNBytes(600)).hasSize(600);
  }
}
