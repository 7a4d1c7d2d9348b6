package dev.breakwater.testing;

import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;

/** Certificates for servers and clients of a test, signed by the authority of this JVM. */
public final class TestCertificates {
  private TestCertificates() {}

  /**
   * Writes {@code NAME.crt} and {@code NAME.key}.
   *
   * @param alternatives of {@code subjectAltName}, as keytool takes them: {@code dns:a.example},
   *     {@code ip:127.0.0.1}; none for a client
   */
  public static void write(Path directory, String name, String... alternatives) {
    TlsAuthority.INSTANCE.writePair(directory, name, List.of(alternatives), false);
  }

  /** The same with a certificate that expired nine days ago. */
  public static void writeExpired(Path directory, String name, String... alternatives) {
    TlsAuthority.INSTANCE.writePair(directory, name, List.of(alternatives), true);
  }

  /** Writes the certificate of the authority to a temporary file; the caller deletes it. */
  public static Path authority() {
    return TlsAuthority.INSTANCE.writePem();
  }

  /** What a client needs to trust the authority, and to show {@code NAME.crt} of a directory. */
  public static SSLContext client(Path directory, String name) {
    return TlsAuthority.INSTANCE.clientContext(directory, name);
  }

  /** What a client needs to trust the authority and no other. */
  public static SSLContext client() {
    return TlsAuthority.INSTANCE.clientContext();
  }
}
