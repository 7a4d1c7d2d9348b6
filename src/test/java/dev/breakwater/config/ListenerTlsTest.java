package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of TLS at a listener. */
class ListenerTlsTest {
  @TempDir Path directory;
  private Path certificate;
  private Path key;

  @BeforeEach
  void write() throws IOException {
    certificate = Files.writeString(directory.resolve("tls.crt"), "certificate");
    key = Files.writeString(directory.resolve("tls.key"), "key");
  }

  private static Config load(String yaml) throws ConfigException {
    return Loading.file(yaml).config();
  }

  @Test
  void listenerHasItsCertificatesInTheirOrderAndOthersStayPlain() throws ConfigException {
    Config config =
        load(
            """
            listeners:
            - address: "[::]:5443"
              tls:
              - {certificate: "%1$s", key: "%2$s"}
              - {certificate: "%2$s", key: "%1$s"}
              clientCa: "%1$s"
            - address: 127.0.0.1:5000
            """
                .formatted(certificate, key));
    assertThat(config.listeners().getFirst().certificates())
        .containsExactly(
            new ListenerCertificateConfig(certificate, key),
            new ListenerCertificateConfig(key, certificate));
    assertThat(config.listeners().getFirst().clientCa()).contains(certificate);
    assertThat(config.listeners().stream().map(ListenerConfig::scheme))
        .isEqualTo(List.of("https", "http"));
  }

  @Test
  void variablesNameTheFilesOfTheFirstListener() throws ConfigException {
    Config config =
        Loading.environment(
                Map.of(
                    "BREAKWATER_LISTENERS_0_TLS_0_CERTIFICATE", certificate.toString(),
                    "BREAKWATER_LISTENERS_0_TLS_0_KEY", key.toString()))
            .config();
    assertThat(config.listeners().getFirst().certificates())
        .containsExactly(new ListenerCertificateConfig(certificate, key));
  }

  @Test
  void certificateWithoutKeyAndKeyWithoutCertificateAreRefused() {
    assertThatThrownBy(() -> load("listeners: [{tls: [{certificate: " + certificate + "}]}]"))
        .hasMessageContaining("listeners[0].tls[0].certificate")
        .hasMessageContaining("there is no key beside it");
    assertThatThrownBy(() -> load("listeners: [{tls: [{key: " + key + "}]}]"))
        .hasMessageContaining("listeners[0].tls[0].key")
        .hasMessageContaining("there is no certificate beside it");
  }

  @Test
  void fileThatIsMissingIsRefusedByItsName() {
    Path missing = directory.resolve("missing.crt");
    assertThatThrownBy(
            () -> load("listeners: [{tls: [{certificate: %s, key: %s}]}]".formatted(missing, key)))
        .hasMessageContaining("listeners[0].tls[0].certificate")
        .hasMessageContaining("missing.crt")
        .hasMessageContaining("is not a readable file");
  }

  @Test
  void clientCertificatesWithoutTlsAreRefused() {
    assertThatThrownBy(() -> load("listeners: [{clientCa: " + certificate + "}]"))
        .hasMessageContaining("listeners[0].clientCa")
        .hasMessageContaining("tls[0].certificate");
  }
}
