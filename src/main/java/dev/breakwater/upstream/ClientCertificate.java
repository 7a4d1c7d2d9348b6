package dev.breakwater.upstream;

import dev.breakwater.tls.CertificateFiles;
import dev.breakwater.tls.CertifiedKey;
import dev.breakwater.tls.UnusableFileException;
import io.vertx.core.Vertx;
import java.nio.file.Path;

/**
 * The files of a certificate by which a registry knows us in the TLS handshake.
 *
 * @param certificate PEM file of the certificate and those that it is signed by
 * @param key PEM file of its private key, without a passphrase
 */
public record ClientCertificate(Path certificate, Path key) {
  /** Reads the files and checks that they belong together; blocks. */
  CertifiedKey read(Vertx vertx) throws CredentialException {
    try {
      return new CertificateFiles("client", certificate, key).read(vertx);
    } catch (UnusableFileException e) {
      throw new CredentialException(e.getMessage());
    }
  }
}
