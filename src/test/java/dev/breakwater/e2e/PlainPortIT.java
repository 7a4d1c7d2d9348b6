package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.breakwater.testing.Eventually;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Clients try TLS first on a mirror that they are told is insecure: podman, skopeo and dockerd with
 * the containerd store. A server that takes the ClientHello for the beginning of a long request
 * line lets each of their connections wait out Go's ten seconds for a handshake.
 */
class PlainPortIT {
  private static final int PATIENCE_MILLIS = 9_000;

  @Test
  void clientHelloIsRefusedAtOnceAndReportedToTheOperator(TestInfo test) throws Exception {
    try (Workspace workspace = new Workspace(test);
        BreakwaterProcess mirror =
            BreakwaterProcess.start(workspace, URI.create("http://127.0.0.1:1"), Map.of());
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), mirror.uri().getPort())) {
      plain.setSoTimeout(PATIENCE_MILLIS);
      SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
      try (SSLSocket tls = (SSLSocket) factory.createSocket(plain, "127.0.0.1", 0, true)) {
        Throwable refusal = catchThrowable(tls::startHandshake);
        assertThat(refusal).isNotNull().isNotInstanceOf(SocketTimeoutException.class);
      }
      Path log = workspace.log("breakwater");
      Eventually.until(
          "a warning that names the client and the remedy",
          () ->
              Files.readString(log).contains("client 127.0.0.1 spoke TLS to port")
                  && Files.readString(log).contains("insecure = true"));
    }
  }
}
