package dev.breakwater.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds what is said of the logins at one upstream and checks that it fits together. */
final class CredentialAssembly {
  private final Settings settings;
  private final String name;

  /** {@code name} is that of the upstream. */
  CredentialAssembly(Settings settings, String name) {
    this.settings = settings;
    this.name = name;
  }

  /** Where the login is fetched from. Refuses a second place. */
  CredentialsConfig credentials() {
    Optional<Path> dockerConfig = settings.findFile(CredentialKeys.DOCKER_CONFIG, name);
    Optional<String> helper = settings.find(CredentialKeys.HELPER, name);
    List<KeyPath> written = written().stream().filter(settings::isReadable).toList();
    if (written.size() > 1) {
      settings.refuse(
          "the login at "
              + name
              + " is already given by "
              + written.getFirst()
              + "; keep one of both",
          written.get(1));
    }
    return new CredentialsConfig(dockerConfig, helper, settings.get(CredentialKeys.REFRESH, name));
  }

  /**
   * By what the registry knows us in the TLS handshake. Refuses one file without the other, and
   * both without TLS.
   */
  Optional<ClientCertificateConfig> certificate(URI url) {
    Optional<Path> certificate = settings.findFile(CredentialKeys.CERTIFICATE, name);
    Optional<Path> key = settings.findFile(CredentialKeys.CERTIFICATE_KEY, name);
    boolean hasCertificate = settings.isWritten(CredentialKeys.CERTIFICATE, name);
    boolean hasKey = settings.isWritten(CredentialKeys.CERTIFICATE_KEY, name);
    if (hasCertificate && !hasKey) {
      settings.refuse(
          "there is no clientKey beside it; name the file of its private key",
          CredentialKeys.CERTIFICATE,
          name);
    } else if (hasKey && !hasCertificate) {
      settings.refuse(
          "there is no clientCertificate beside it; name the file of its certificate",
          CredentialKeys.CERTIFICATE_KEY,
          name);
    } else if (hasKey
        && settings.isReadable(CredentialKeys.CERTIFICATE_KEY, name)
        && url.getScheme().equals("http")) {
      settings.refuse(
          "the url of "
              + name
              + " is http, where no certificate is shown; write https, or remove the key",
          CredentialKeys.CERTIFICATE,
          name);
    }
    return certificate.flatMap(file -> key.map(own -> new ClientCertificateConfig(file, own)));
  }

  /** Each place of a login with a password that is written. */
  private List<KeyPath> written() {
    List<KeyPath> written = new ArrayList<>();
    if (settings.isWritten(UpstreamKeys.ACCOUNT_USERNAME, name, "[0]")) {
      written.add(UpstreamKeys.ACCOUNT_USERNAME.at(name, "[0]"));
    }
    for (ConfigKey<?> key : List.of(CredentialKeys.DOCKER_CONFIG, CredentialKeys.HELPER)) {
      if (settings.isWritten(key, name)) {
        written.add(key.at(name));
      }
    }
    return written;
  }
}
