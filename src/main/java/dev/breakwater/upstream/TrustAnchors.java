package dev.breakwater.upstream;

import dev.breakwater.tls.Authorities;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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
      List<X509Certificate> own = Authorities.read(Files.readAllBytes(pem));
      if (own.isEmpty()) {
        throw new IOException("no certificate in it");
      }
      List<X509Certificate> all = new ArrayList<>(own);
      Collections.addAll(all, Authorities.platform().getAcceptedIssuers());
      return TrustOptions.wrap(Authorities.trusting(all));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(
          "the certificates in " + pem + " cannot be read: write a PEM file of CA certificates", e);
    }
  }
}
