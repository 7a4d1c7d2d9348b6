package dev.breakwater.app;

import dev.breakwater.config.ListenerCertificateConfig;
import dev.breakwater.config.ListenerConfig;
import dev.breakwater.http.ServerSettings;
import dev.breakwater.tls.CertificateFiles;
import dev.breakwater.tls.ClientAuthorities;
import dev.breakwater.tls.ServerCertificates;
import dev.breakwater.tls.UnusableFileException;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opens what the TLS handshakes of a listener need. */
final class ListenerTls {
  private ListenerTls() {}

  /**
   * Reads the files of a listener.
   *
   * @param closing takes what is to be closed after the listener
   * @return empty if the listener speaks plain HTTP
   * @throws StartupException if a file cannot be used
   */
  static Optional<ServerSettings.Tls> open(
      Vertx vertx, ListenerConfig listener, ClosingStack closing) throws StartupException {
    if (listener.certificates().isEmpty()) {
      return Optional.empty();
    }
    List<CertificateFiles> files = new ArrayList<>();
    for (ListenerCertificateConfig pair : listener.certificates()) {
      files.add(new CertificateFiles("server", pair.certificate(), pair.key()));
    }
    try {
      ServerCertificates certificates =
          new ServerCertificates(vertx, files, InstantSource.system());
      closing.push("certificates of " + listener.address(), certificates::close);
      Optional<ClientAuthorities> clients = Optional.empty();
      if (listener.clientCa().isPresent()) {
        Path file = listener.clientCa().get();
        ClientAuthorities authorities = new ClientAuthorities(vertx, file);
        closing.push("client authorities of " + listener.address(), authorities::close);
        clients = Optional.of(authorities);
      }
      return Optional.of(new ServerSettings.Tls(certificates, clients));
    } catch (UnusableFileException e) {
      throw new StartupException(
          "the listener " + listener.address() + " cannot speak TLS: " + e.getMessage());
    }
  }
}
