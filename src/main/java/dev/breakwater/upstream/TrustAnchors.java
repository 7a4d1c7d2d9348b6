package dev.breakwater.upstream;

import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The platform's certificate authorities and the operator's own. Both, since a registry with a
 * private certificate may well redirect to storage with a public one.
 */
final class TrustAnchors {
  private TrustAnchors() {}

  /**
   * Reads a PEM file; blocks.
   *
   * @throws IllegalArgumentException if there is no certificate in it that can be read
   */
  static TrustOptions platformAnd(Path pem) {
    try {
      KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
      anchors.load(null, null);
      int count = 0;
      for (X509Certificate certificate : platform()) {
        anchors.setCertificateEntry("platform-" + count++, certificate);
      }
      for (Certificate certificate : read(pem)) {
        anchors.setCertificateEntry("own-" + count++, certificate);
      }
      return TrustOptions.wrap(managerFor(anchors));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(
          "the certificates in " + pem + " cannot be read: write a PEM file of CA certificates", e);
    }
  }

  private static Collection<? extends Certificate> read(Path pem)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(pem)) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new IOException("no certificate in it");
      }
      return certificates;
    }
  }

  private static X509Certificate[] platform() throws GeneralSecurityException {
    return managerFor(null).getAcceptedIssuers();
  }

  private static X509TrustManager managerFor(@Nullable KeyStore anchors)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(anchors);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return x509;
      }
    }
    throw new IllegalStateException("every Java platform has an X.509 trust manager");
  }
}
