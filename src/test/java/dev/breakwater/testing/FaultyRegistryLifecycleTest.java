package dev.breakwater.testing;

import static dev.breakwater.testing.Faults.cutAt;
import static dev.breakwater.testing.Faults.stallAt;
import static dev.breakwater.testing.Faults.stallBeforeHead;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting, stopping, TLS and the command line. */
class FaultyRegistryLifecycleTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final TestImage image = TestImage.docker().layer(2_000_000).build();
  private final String path = "/v2/a/blobs/" + image.layer(0).digest();

  @Test
  void closeEndsHeldAnswersAndFreesThePorts() throws Exception {
    FaultyRegistry registry = FaultyRegistry.start().put("a", "1", image);
    registry.on(blobBytes()).once().then(stallAt(10));
    registry.on(blobBytes()).once().then(stallBeforeHead());
    try (RawClient stalled = new RawClient(registry.url());
        RawClient held = new RawClient(registry.url());
        RawClient idle = new RawClient(registry.url());
        RawClient unread = new RawClient(registry.url())) {
      stalled.request("GET", path);
      stalled.readHead();
      held.request("GET", path);
      registry.awaitRequests(blobBytes(), 2, PATIENCE);
      unread.request("GET", path);
      registry.awaitRequests(blobBytes(), 3, PATIENCE);
      idle.request("GET", "/v2/");
      idle.readHead();
      registry.close();
      assertThat(registry.openConnections(Listener.REGISTRY)).isZero();
      assertThat(held.readToEnd().body()).isEmpty();
    }
    for (String url : List.of(registry.url(), registry.authUrl(), registry.cdnUrl())) {
      assertThatThrownBy(() -> new RawClient(url)).isInstanceOf(ConnectException.class);
    }
    registry.close();
  }

  @Test
  void registryGoesDownAndComesBackAtTheSameAddress() throws Exception {
    try (FaultyRegistry registry = FaultyRegistry.start().put("a", "1", image)) {
      registry.goDown();
      assertThatThrownBy(() -> new RawClient(registry.url())).isInstanceOf(ConnectException.class);
      registry.comeBack();
      assertThat(RawClient.get(registry.url(), path, "Connection: close").status()).isEqualTo(200);
      registry.goDown(Listener.CDN);
      assertThatThrownBy(() -> new RawClient(registry.cdnUrl()))
          .isInstanceOf(ConnectException.class);
      registry.comeBack(Listener.CDN);
      assertThat(RawClient.get(registry.cdnUrl(), "/", "Connection: close").status())
          .isEqualTo(404);
    }
  }

  @Test
  void manyClientsAtOnceGetTheRightBytes() throws Exception {
    try (FaultyRegistry registry = FaultyRegistry.start().put("a", "1", image)) {
      Gate gate = new Gate();
      registry.on(blobBytes()).then(Faults.holdUntil(gate));
      List<Thread> clients = new java.util.ArrayList<>();
      List<byte[]> bodies = java.util.Collections.synchronizedList(new java.util.ArrayList<>());
      for (int i = 0; i < 50; i++) {
        clients.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        bodies.add(RawClient.get(registry.url(), path, "Connection: close").body());
                      } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                      }
                    }));
      }
      gate.awaitArrivals(50, PATIENCE);
      gate.open();
      for (Thread client : clients) {
        client.join();
      }
      byte[] expected = image.layer(0).bytes();
      assertThat(bodies).hasSize(50).allSatisfy(body -> assertThat(body).isEqualTo(expected));
      assertThat(registry.bytesSent(image.layer(0).digest())).isEqualTo(50L * expected.length);
    }
  }

  private HttpResponse<byte[]> get(FaultyRegistry registry) throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(registry.clientContext())
            .build()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(registry.url() + path)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  @Test
  void validCertificateIsTrusted() throws Exception {
    Path pem;
    try (FaultyRegistry registry = FaultyRegistry.builder().tls(TlsVariant.VALID).start()) {
      registry.put("a", "1", image);
      assertThat(registry.url()).startsWith("https://");
      assertThat(get(registry).body()).isEqualTo(image.layer(0).bytes());
      pem = registry.caCertificate();
      try (var in = Files.newInputStream(pem)) {
        assertThat(CertificateFactory.getInstance("X.509").generateCertificates(in)).hasSize(1);
      }
    }
    assertThat(pem).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VALID")
  void badCertificatesAreRefused(TlsVariant variant) {
    try (FaultyRegistry registry = FaultyRegistry.builder().tls(variant).start()) {
      registry.put("a", "1", image);
      assertThatThrownBy(() -> get(registry)).isInstanceOf(SSLHandshakeException.class);
      assertThat(registry.count(any())).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cutsBreakTlsToo(Cut cut) {
    try (FaultyRegistry registry = FaultyRegistry.builder().tls(TlsVariant.VALID).start()) {
      registry.put("a", "1", image);
      registry.on(blobBytes()).then(cutAt(1_000_000, cut));
      assertThatThrownBy(() -> get(registry)).isInstanceOf(IOException.class);
      assertThat(registry.bytesSent(image.layer(0).digest())).isEqualTo(1_000_000);
    }
  }

  @Test
  void plainClientGetsNowhereWithTls() throws Exception {
    try (FaultyRegistry registry = FaultyRegistry.builder().tls(TlsVariant.VALID).start()) {
      RawClient.get(registry.url(), "/v2/");
      assertThat(registry.count(any())).isZero();
      assertThat(registry.connections(Listener.REGISTRY)).isEqualTo(1);
    }
  }

  private static String startAndStop(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    FaultyRegistryMain.start(List.of(arguments), new PrintStream(out, true, StandardCharsets.UTF_8))
        .close();
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void commandLineStartsWhatItDescribes() throws Exception {
    PrintStream nowhere = new PrintStream(java.io.OutputStream.nullOutputStream());
    List<String> arguments =
        List.of(
            "--image",
            "library/nginx:1.27:2K,1K",
            "--pull-limit",
            "1",
            "--fault",
            "blob=truncate:5,header:X-A:b*1");
    try (FaultyRegistry registry = FaultyRegistryMain.start(arguments, nowhere)) {
      RawClient.Reply manifest =
          RawClient.get(registry.url(), "/v2/library/nginx/manifests/1.27", "Connection: close");
      assertThat(manifest.status()).isEqualTo(200);
      String layer =
          new String(manifest.body(), StandardCharsets.UTF_8)
              .replaceAll("(?s).*\"digest\":\"(sha256:[0-9a-f]+)\".*", "$1");
      String blob = "/v2/library/nginx/blobs/" + layer;
      RawClient.Reply spoiled = RawClient.get(registry.url(), blob, "Connection: close");
      assertThat(spoiled.head()).contains("X-A: b");
      assertThat(spoiled.body()).hasSize(5);
      assertThat(RawClient.get(registry.url(), blob, "Connection: close").body())
          .hasSize(512 + 1024 + 1024);
    }
  }

  @Test
  void commandLineSaysWhereThingsAre() {
    assertThat(
            startAndStop(
                "--bearer",
                "--redirect",
                "--account",
                "a:b",
                "--private",
                "x/y:a",
                "--rate",
                "20M",
                "--tls",
                "expired",
                "--image",
                "x/y:1:10"))
        .contains("registry https://127.0.0.1:", "tokens   https://", "image    x/y:1 sha256:");
    assertThat(startAndStop("--basic")).contains("cdn      http://");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "any=status:503",
        "manifest=429",
        "manifest=429:5*3",
        "tags=type:text/plain",
        "referrers=delay:5s",
        "token=stall",
        "ping=stall:10",
        "challenged=realm:http://a/b",
        "cdn=cut:1M:rst",
        "/v2/.*=hangup:fin",
        "blob=rate:20M,drip:10:100ms",
        "blob=wrong:5",
        "blob=extra:5,length:5",
        "blob=nolength",
        "blob=chunked",
        "blob=endless",
        "blob=norange",
        "blob=range:bytes 0-1/2",
        "blob=redirect:http://a/b",
        "blob=loop",
        "blob=html",
        "blob=random:7*20"
      })
  void everyFaultCanBeWritten(String fault) {
    assertThat(startAndStop("--fault", fault)).contains("registry ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--nonsense",
        "--port",
        "--port x",
        "--image a:b",
        "--image a:b:x",
        "--fault blob",
        "--fault nowhere=html",
        "--fault blob=banana",
        "--fault blob=cut:x:fin",
        "--fault blob=delay:5",
        "--fault blob=hangup:maybe",
        "--tls good",
        "--rate fast"
      })
  void nonsenseIsNamed(String arguments) {
    assertThatThrownBy(() -> startAndStop(arguments.split(" ", 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "(?s).*(--[a-z]+|nowhere|blob|banana|cut|delay|hangup|good|fast|no size).*");
  }
}
