package dev.breakwater.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One port for clients.
 *
 * @param address where to listen
 * @param face what is answered there
 * @param certificates those that clients are shown, the first one without a name; none for plain
 *     HTTP
 * @param clientCa PEM file of the authorities whose certificates clients must show
 */
public record ListenerConfig(
    ListenAddress address,
    Face face,
    List<ListenerCertificateConfig> certificates,
    Optional<Path> clientCa) {
  /** Throws {@link IllegalArgumentException} for client certificates without TLS. */
  public ListenerConfig {
    certificates = List.copyOf(certificates);
    if (clientCa.isPresent() && certificates.isEmpty()) {
      throw new IllegalArgumentException("certificates of clients need TLS");
    }
  }

  /** A listener of plain HTTP. */
  public ListenerConfig(ListenAddress address, Face face) {
    this(address, face, List.of(), Optional.empty());
  }

  /** The same at the address that is really bound. */
  public ListenerConfig at(ListenAddress real) {
    return new ListenerConfig(real, face, certificates, clientCa);
  }

  /** What stands before the address in a URL: {@code http} or {@code https}. */
  public String scheme() {
    return certificates.isEmpty() ? "http" : "https";
  }
}
