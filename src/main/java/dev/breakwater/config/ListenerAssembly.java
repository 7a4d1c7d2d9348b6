package dev.breakwater.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds the records of the listeners and checks that they fit together. */
final class ListenerAssembly {
  private final Settings settings;

  ListenerAssembly(Settings settings) {
    this.settings = settings;
  }

  /** The records, or what keeps the configuration from being used is added to the problems. */
  List<ListenerConfig> assemble() {
    List<ListenerConfig> listeners = new ArrayList<>();
    List<String> positions = settings.positionsBelow(Settings.LISTENERS);
    for (String position : positions) {
      ListenAddress address = settings.get(ListenerKeys.ADDRESS, position);
      Face face = settings.get(ListenerKeys.FACE, position);
      List<ListenerCertificateConfig> certificates = certificates(position);
      Optional<Path> clientCa = clientCa(position, certificates);
      List<AddressRange> proxies = settings.get(ListenerKeys.TRUSTED_PROXIES, position);
      if (!settings.isReadable(ListenerKeys.ADDRESS, position)) {
        continue;
      }
      if (isTaken(address, listeners)) {
        settings.refuse(
            "another listener has the port of " + address + "; choose another one",
            ListenerKeys.ADDRESS,
            position);
      }
      listeners.add(new ListenerConfig(address, face, certificates, clientCa, proxies));
    }
    if (positions.isEmpty()) {
      settings.refuse("at least one listener is needed", Settings.LISTENERS);
    }
    return listeners;
  }

  /** Whether one of the listeners has the port of the address. */
  static boolean isTaken(ListenAddress address, List<ListenerConfig> listeners) {
    return listeners.stream().anyMatch(listener -> listener.address().collidesWith(address));
  }

  private List<ListenerCertificateConfig> certificates(String position) {
    List<ListenerCertificateConfig> certificates = new ArrayList<>();
    KeyPath list = Settings.LISTENERS.child(position).child("tls");
    for (String pair : settings.positionsBelow(list)) {
      Optional<Path> certificate = settings.findFile(ListenerKeys.CERTIFICATE, position, pair);
      Optional<Path> key = settings.findFile(ListenerKeys.KEY, position, pair);
      boolean hasCertificate = settings.isWritten(ListenerKeys.CERTIFICATE, position, pair);
      boolean hasKey = settings.isWritten(ListenerKeys.KEY, position, pair);
      if (hasCertificate && !hasKey) {
        settings.refuse(
            "there is no key beside it; name the file of its private key",
            ListenerKeys.CERTIFICATE,
            position,
            pair);
      } else if (hasKey && !hasCertificate) {
        settings.refuse(
            "there is no certificate beside it; name the file of its certificate",
            ListenerKeys.KEY,
            position,
            pair);
      }
      certificate.ifPresent(
          file -> key.ifPresent(own -> certificates.add(new ListenerCertificateConfig(file, own))));
    }
    return certificates;
  }

  private Optional<Path> clientCa(String position, List<ListenerCertificateConfig> certificates) {
    Optional<Path> clientCa = settings.findFile(ListenerKeys.CLIENT_CA, position);
    KeyPath list = Settings.LISTENERS.child(position).child("tls");
    if (clientCa.isPresent() && settings.positionsBelow(list).isEmpty()) {
      settings.refuse(
          "clients show certificates in TLS only, and this listener has none; name its own in"
              + " tls[0].certificate and tls[0].key, or remove this key",
          ListenerKeys.CLIENT_CA,
          position);
    }
    return certificates.isEmpty() ? Optional.empty() : clientCa;
  }
}
