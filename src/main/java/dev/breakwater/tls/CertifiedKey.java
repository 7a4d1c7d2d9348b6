package dev.breakwater.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A private key and the certificates that belong to it.
 *
 * @param key the private key
 * @param chain its own certificate first, then those that it is signed by
 */
public record CertifiedKey(PrivateKey key, List<X509Certificate> chain) {
  /** {@code chain} must not be empty. */
  public CertifiedKey {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a key needs its certificate");
    }
  }

  /** The certificate of the key itself. */
  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /** When the certificate of the key expires. */
  public Instant expiry() {
    return certificate().getNotAfter().toInstant();
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "key of " + certificate().getSubjectX500Principal();
  }
}
