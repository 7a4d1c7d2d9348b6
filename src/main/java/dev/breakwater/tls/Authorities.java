package dev.breakwater.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Certificates in PEM, and trust in them. */
public final class Authorities {
  private Authorities() {}

  /** The certificates in the text, in their order; none if it has none. */
  public static List<X509Certificate> read(byte[] pem) throws CertificateException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(pem))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  /** Trusts what these authorities have signed, and nothing else. */
  public static X509ExtendedTrustManager trusting(Collection<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
    anchors.load(null, null);
    int count = 0;
    for (X509Certificate authority : authorities) {
      anchors.setCertificateEntry("authority-" + count++, authority);
    }
    return managerFor(anchors);
  }

  /** Trusts what this Java platform trusts. */
  public static X509ExtendedTrustManager platform() throws GeneralSecurityException {
    return managerFor(null);
  }

  private static X509ExtendedTrustManager managerFor(@Nullable KeyStore anchors)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(anchors);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager x509) {
        return x509;
      }
    }
    throw new IllegalStateException("every Java platform has an X.509 trust manager");
  }
}
