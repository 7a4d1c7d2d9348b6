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
 * @param trustedProxies whose word counts on who the client is and how it addressed us
 */
public record ListenerConfig(
    ListenAddress address,
    Face face,
    List<ListenerCertificateConfig> certificates,
    Optional<Path> clientCa,
    List<AddressRange> trustedProxies) {
  /** Throws {@link IllegalArgumentException} for client certificates without TLS. */
  public ListenerConfig {
    certificates = List.copyOf(certificates);
    trustedProxies = List.copyOf(trustedProxies);
    if (clientCa.isPresent() && certificates.isEmpty()) {
      throw new IllegalArgumentException("certificates of clients need TLS");
    }
  }

  /** A listener of plain HTTP, without proxies before it. */
  public ListenerConfig(ListenAddress address, Face face) {
    this(address, face, List.of(), Optional.empty(), List.of());
  }

  /** The same at the address that is really bound. */
  public ListenerConfig at(ListenAddress real) {
    return new ListenerConfig(real, face, certificates, clientCa, trustedProxies);
  }

  /** What stands before the address in a URL: {@code http} or {@code https}. */
  public String scheme() {
    return certificates.isEmpty() ? "http" : "https";
  }
}
