package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TlsVariant;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificate authorities of the operator that change while Breakwater runs. */
@org.junit.jupiter.api.Tag("slow")
class AuthorityFileTest {
  private final Vertx vertx = Vertx.vertx();
  private final FaultyRegistry registry = start(TlsVariant.VALID);
  private final FaultyRegistry other = start(TlsVariant.WRONG_HOST);

  @TempDir Path directory;
  private Path file;
  private UpstreamClients clients;

  private static FaultyRegistry start(TlsVariant variant) {
    return FaultyRegistry.builder().tls(variant).start();
  }

  @BeforeEach
  void open() throws Exception {
    file = Files.copy(registry.caCertificate(), directory.resolve("ca.pem"));
    clients = new UpstreamClients(vertx, UpstreamClient.of(registry).ca(file).settings());
  }

  @AfterEach
  void close() {
    clients.close();
    registry.close();
    other.close();
    await(vertx.close());
  }

  private void replaceBy(Path authorities) throws Exception {
    Path next = Files.copy(authorities, directory.resolve("next"));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    clients.readAuthoritiesIfChanged();
  }

  private int status(FaultyRegistry asked) {
    URI url = URI.create(asked.url());
    HttpClient client = clients.fresh(Origin.of(url).orElseThrow());
    return await(
        client
            .request(
                new io.vertx.core.http.RequestOptions()
                    .setMethod(HttpMethod.GET)
                    .setSsl(true)
                    .setHost(url.getHost())
                    .setPort(url.getPort())
                    .setURI("/v2/"))
            .compose(request -> request.send())
            .map(HttpClientResponse::statusCode));
  }

  @Test
  void changedAuthoritiesAreTrustedAndTheFormerOnesAreNot() throws Exception {
    try (CapturedLog log = CapturedLog.of(AuthorityFile.class)) {
      assertThat(status(registry)).isEqualTo(200);
      FaultyRegistry.writeClientPair(directory, "another");
      replaceBy(directory.resolve("another.crt"));
      assertThatThrownBy(() -> status(registry)).hasMessageContaining("Failed to create SSL");
      replaceBy(registry.caCertificate());
      assertThat(status(registry)).isEqualTo(200);
      assertThat(log.lines())
          .hasSize(2)
          .containsOnly(
              "INFO [faulty.test] new connections trust the changed certificate authorities in "
                  + file);
    }
  }

  @Test
  void hostNameIsStillComparedAfterAChange() throws Exception {
    replaceBy(other.caCertificate());
    assertThatThrownBy(() -> status(other))
        .hasStackTraceContaining("No subject alternative names matching");
  }

  @Test
  void fileThatCannotBeUsedKeepsTheFormerOnesAndIsLoggedOnce() throws Exception {
    try (CapturedLog log = CapturedLog.of(AuthorityFile.class)) {
      replaceBy(Files.writeString(directory.resolve("nonsense"), "no certificate"));
      clients.readAuthoritiesIfChanged();
      assertThat(status(registry)).isEqualTo(200);
      Files.delete(file);
      clients.readAuthoritiesIfChanged();
      clients.readAuthoritiesIfChanged();
      assertThat(status(registry)).isEqualTo(200);
      String message =
          "WARN [faulty.test] the file of certificate authorities has changed and cannot be used,"
              + " the former ones are trusted on: the certificates in "
              + file
              + " cannot be read: write a PEM file of CA certificates";
      assertThat(log.lines()).containsExactly(message, message);
    }
  }
}
