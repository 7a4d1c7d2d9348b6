package dev.breakwater.e2e;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Debian's {@code docker-registry}, asking for the tokens of a {@link TokenServer}. */
final class RealRegistry implements AutoCloseable {
  private final URI uri;
  private final Daemon daemon;

  private RealRegistry(URI uri, Daemon daemon) {
    this.uri = uri;
    this.daemon = daemon;
  }

  /** Serves what is in {@code storage}, which several registries may share for reading. */
  static RealRegistry start(Workspace workspace, Path storage, SigningKey key, TokenServer tokens) {
    String address = Loopback.freeAddress();
    Path certificate = workspace.file("registry/token.pem", key.pem());
    Path configuration =
        workspace.file(
            "registry/config.yml",
            """
            version: 0.1
            log: {level: info}
            storage: {filesystem: {rootdirectory: "%s"}}
            http: {addr: "%s"}
            auth:
              token: {realm: "%s", service: "%s", issuer: "%s", rootcertbundle: "%s"}
            """
                .formatted(
                    storage,
                    address,
                    tokens.realm(),
                    TokenServer.SERVICE,
                    TokenServer.ISSUER,
                    certificate));
    URI uri = URI.create("http://" + address);
    Daemon daemon =
        Daemon.start(
                "docker-registry",
                workspace.log("docker-registry"),
                Map.of("OTEL_TRACES_EXPORTER", "none"),
                List.of("docker-registry", "serve", configuration.toString()))
            .awaitReady(() -> Loopback.answers(uri.resolve("/v2/"), 401));
    return new RealRegistry(uri, daemon);
  }

  URI uri() {
    return uri;
  }

  @Override
  public void close() {
    daemon.close();
  }
}
