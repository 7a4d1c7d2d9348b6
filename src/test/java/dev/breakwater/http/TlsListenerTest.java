package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.Eventually;
import dev.breakwater.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Handshakes of a listener that speaks TLS. */
class TlsListenerTest {
  private static final ServerSettings SETTINGS =
      TestServer.settings(ServerSettings.Limits.DEFAULTS, true);

  @TempDir static Path directory;

  @BeforeAll
  static void certify() {
    TestCertificates.write(directory, "one", "dns:one.example", "ip:127.0.0.1");
    TestCertificates.write(directory, "two", "dns:two.example", "dns:*.wild.example");
  }

  private static SSLSocket socket(int port, String name) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            TestCertificates.client()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
    if (!name.isEmpty()) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
    }
    return socket;
  }

  /** The DNS names of the certificate that a client is shown. */
  private static List<Object> shown(int port, String name) throws Exception {
    try (SSLSocket socket = socket(port, name)) {
      X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      List<Object> dns = new ArrayList<>();
      names.stream()
          .filter(entry -> entry.getFirst().equals(2))
          .forEach(entry -> dns.add(entry.get(1)));
      return dns;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', one.example",
    "one.example, one.example",
    "two.example, two.example",
    "TWO.example, two.example",
    "a.wild.example, two.example",
    "a.b.wild.example, one.example",
    "unknown.example, one.example"
  })
  void clientIsShownTheCertificateForTheNameThatItAsksForElseTheFirst(String name, String expected)
      throws Exception {
    try (TestServer server = TlsServer.of(SETTINGS, directory, "one", "two").start()) {
      assertThat(shown(server.port, name)).contains(expected);
    }
  }

  /** Kubernetes and certbot swap a link. */
  @Test
  void newConnectionsAreShownTheFilesThatALinkWasTurnedToAndOpenOnesGoOn(@TempDir Path links)
      throws Exception {
    Path live = links.resolve("live");
    Files.createSymbolicLink(links.resolve("a.crt"), live.resolve("tls.crt"));
    Files.createSymbolicLink(links.resolve("a.key"), live.resolve("tls.key"));
    Path first = links.resolve("first");
    Path second = links.resolve("second");
    copy("one", first);
    copy("two", second);
    Files.createSymbolicLink(live, first);
    TlsServer described = TlsServer.of(SETTINGS, links, "a");
    try (TestServer server = described.start();
        RawClient open = server.connect()) {
      assertThat(shown(server.port, "")).contains("one.example");
      Files.delete(live);
      Files.createSymbolicLink(live, second);
      described.certificates.readIfChanged();
      assertThat(shown(server.port, "")).contains("two.example");
      assertThat(open.get("/v2/").read().status()).isEqualTo(200);
    }
  }

  @Test
  void pairThatDoesNotMatchKeepsTheFormerOneAndSaysSoOnce(@TempDir Path files) throws Exception {
    copy("one", files);
    Files.move(files.resolve("tls.crt"), files.resolve("a.crt"));
    Files.move(files.resolve("tls.key"), files.resolve("a.key"));
    TlsServer described = TlsServer.of(SETTINGS, files, "a");
    try (TestServer server = described.start();
        CapturedLog log = CapturedLog.of("dev.breakwater.tls.ServerCertificates")) {
      Files.copy(directory.resolve("two.crt"), files.resolve("new"));
      Files.move(
          files.resolve("new"),
          files.resolve("a.crt"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      described.certificates.readIfChanged();
      described.certificates.readIfChanged();
      assertThat(shown(server.port, "")).contains("one.example");
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().getFirst())
          .contains("is not the key of the first certificate in", "a.crt", "the former one");
    }
  }

  private static void copy(String name, Path to) throws IOException {
    Files.createDirectories(to);
    Files.copy(directory.resolve(name + ".crt"), to.resolve("tls.crt"));
    Files.copy(directory.resolve(name + ".key"), to.resolve("tls.key"));
  }

  @Test
  void clientWithoutACertificateIsRefusedWhereOneIsAskedForAndTheOperatorIsTold() throws Exception {
    Path authority = TestCertificates.authority();
    try (TestServer server = TlsServer.of(SETTINGS, directory, "one").demanding(authority).start();
        CapturedLog log = CapturedLog.of("dev.breakwater.http.HandshakeFailures")) {
      // In TLS 1.3 a client learns of it when it reads.
      assertThatThrownBy(
              () -> {
                try (RawClient client = server.connect()) {
                  client.get("/v2/").read();
                }
              })
          .isInstanceOf(IOException.class);
      Eventually.until("a warning", () -> !log.lines().isEmpty());
      assertThat(log.lines().getFirst())
          .contains("showed no certificate to port " + server.port, "client.cert");
      server.awaitMetric("breakwater_rejected_requests_total{reason=\"handshake\"} 1.0");
    } finally {
      Files.delete(authority);
    }
  }

  @Test
  void clientWithACertificateOfTheAuthorityIsServed() throws Exception {
    Path authority = TestCertificates.authority();
    try (TestServer server = TlsServer.of(SETTINGS, directory, "one").demanding(authority).start();
        RawClient client =
            TlsServer.connect(server.port, TestCertificates.client(directory, "two"))) {
      assertThat(client.get("/v2/").read().status()).isEqualTo(200);
    } finally {
      Files.delete(authority);
    }
  }

  @Test
  void clientThatSpeaksPlainHttpIsCutAndTheOperatorIsTold() throws Exception {
    try (TestServer server = TlsServer.of(SETTINGS, directory, "one").start();
        CapturedLog log = CapturedLog.of("dev.breakwater.http.HandshakeFailures");
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
      plain
          .getOutputStream()
          .write("GET /v2/ HTTP/1.1\r\nHost: m\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      plain.setSoTimeout(20_000);
      assertThat(plain.getInputStream().readAllBytes())
          .doesNotContain("HTTP".getBytes(StandardCharsets.US_ASCII));
      Eventually.until("a warning", () -> !log.lines().isEmpty());
      assertThat(log.lines().getFirst())
          .contains("spoke plain HTTP to port " + server.port, "https://");
    }
  }

  @Test
  void clientThatDoesNotTrustTheAuthorityIsToldToTheOperatorOnceAnHour() throws Exception {
    SSLContext mistrustful = SSLContext.getInstance("TLS");
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    mistrustful.init(null, factory.getTrustManagers(), null);
    try (TestServer server = TlsServer.of(SETTINGS, directory, "one").start();
        CapturedLog log = CapturedLog.of("dev.breakwater.http.HandshakeFailures")) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> TlsServer.connect(server.port, mistrustful))
            .isInstanceOf(SSLException.class);
      }
      server.awaitMetric("breakwater_rejected_requests_total{reason=\"handshake\"} 3.0");
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().getFirst())
          .contains("does not trust the certificate of port " + server.port, "certs.d");
    }
  }

  @Test
  void handshakeThatDoesNotBeginAndAHeadThatDripsAreCut() throws Exception {
    ServerSettings.Limits impatient =
        TestServer.limits(Duration.ofMillis(300), Duration.ofSeconds(60), Duration.ofSeconds(60));
    ServerSettings settings = TestServer.settings(impatient, true);
    try (TestServer server = TlsServer.of(settings, directory, "one").start();
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port);
        RawClient slow = server.connect()) {
      slow.send("GET /v2/ HTTP/1.1\r\nHost:");
      silent.setSoTimeout(20_000);
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(slow.socket.getInputStream().read()).isEqualTo(-1);
      server.awaitMetric("breakwater_rejected_requests_total{reason=\"head_timeout\"} 1.0");
    }
  }
}
