package dev.breakwater.http;

import dev.breakwater.testing.TestCertificates;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Blobs over TLS: the kernel cannot send them by itself, whatever the settings say. */
@Tag("slow")
class TlsBlobApiTest extends BlobApiContract {
  @TempDir static Path certificates;

  @BeforeAll
  static void certify() {
    TestCertificates.write(certificates, "server", "ip:127.0.0.1");
  }

  @Override
  boolean zeroCopy() {
    return true;
  }

  @Override
  TestServer start(ServerSettings settings) {
    return TlsServer.of(settings, certificates, "server").start();
  }
}
