package dev.breakwater.http;

import dev.breakwater.tls.CertificateFiles;
import dev.breakwater.tls.ClientAuthorities;
import dev.breakwater.tls.ServerCertificates;
import dev.breakwater.tls.UnusableFileException;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Describes a {@link TestServer} that speaks TLS. */
final class TlsServer {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
  private final ServerSettings settings;
  final ServerCertificates certificates;
  Optional<ClientAuthorities> clients = Optional.empty();

  private TlsServer(ServerSettings settings, List<CertificateFiles> files) {
    this.settings = settings;
    try {
      this.certificates = new ServerCertificates(vertx, files, InstantSource.system());
    } catch (UnusableFileException e) {
      throw new AssertionError(e);
    }
  }

  /** One that has the certificates {@code NAME.crt} with {@code NAME.key} of a directory. */
  static TlsServer of(ServerSettings settings, Path directory, String... names) {
    return new TlsServer(settings, Stream.of(names).map(name -> files(directory, name)).toList());
  }

  private static CertificateFiles files(Path directory, String name) {
    return new CertificateFiles(
        "server", directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
  }

  /** Clients must show a certificate that an authority in this file has signed. */
  TlsServer demanding(Path clientCa) {
    try {
      clients = Optional.of(new ClientAuthorities(vertx, clientCa));
    } catch (UnusableFileException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  TestServer start() {
    ServerSettings.Listener plain = settings.listener();
    ServerSettings.Tls tls = new ServerSettings.Tls(certificates, clients);
    return new TestServer(
        vertx,
        new ServerSettings(
            new ServerSettings.Listener(
                plain.host(), plain.port(), plain.face(), Optional.of(tls), plain.trustedProxies()),
            settings.eventLoops(),
            settings.zeroCopy(),
            settings.drain(),
            settings.limits()));
  }

  /** A client with this key and trust, after its handshake. */
  static RawClient connect(int port, SSLContext context) throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.startHandshake();
    return new RawClient(socket);
  }
}
