package dev.breakwater.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The DNS names that a certificate is for; {@code *} stands for one label, the first (RFC 6125,
 * section 6.4.3). Names elsewhere than in {@code subjectAltName} do not count, no client believes
 * them.
 *
 * @param names in small letters
 */
record CertificateNames(List<String> names) {
  private static final int DNS_NAME = 2;

  CertificateNames {
    names = List.copyOf(names);
  }

  static CertificateNames of(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (Integer.valueOf(DNS_NAME).equals(alternative.getFirst())) {
            names.add(String.valueOf(alternative.get(1)).toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (CertificateParsingException e) {
      return new CertificateNames(List.of());
    }
    return new CertificateNames(names);
  }

  /** A name that the certificate is for. */
  Optional<String> any() {
    return names.stream().findFirst();
  }

  /** Whether the certificate is for a host of this name. */
  boolean cover(String host) {
    String wanted = host.toLowerCase(Locale.ROOT);
    int dot = wanted.indexOf('.');
    return names.contains(wanted) || (dot > 0 && names.contains("*" + wanted.substring(dot)));
  }
}
