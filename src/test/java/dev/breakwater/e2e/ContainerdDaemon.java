package dev.breakwater.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A containerd without Kubernetes' interface, with root, state and socket of its own. */
final class ContainerdDaemon implements AutoCloseable {
  private final Path socket;
  private final Daemon daemon;

  private ContainerdDaemon(Path socket, Daemon daemon) {
    this.socket = socket;
    this.daemon = daemon;
  }

  /** Debian's containerd 1.6. */
  static ContainerdDaemon debian(Workspace workspace) {
    return start(workspace, Path.of("/usr/bin"), Engines.DEBIAN_PATH, 2);
  }

  /** The current containerd 2. */
  static ContainerdDaemon modern(Workspace workspace) {
    return start(workspace, Engines.modern(), Engines.modernPath(), 3);
  }

  private static ContainerdDaemon start(
      Workspace workspace, Path programs, String searchPath, int version) {
    Path run = workspace.run("containerd");
    Path socket = run.resolve("c.sock");
    Path configuration =
        workspace.file(
            "containerd/config.toml",
            """
            version = %d
            root = "%s"
            state = "%s"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
              address = "%s"
            """
                .formatted(version, workspace.store("containerd-root"), run.resolve("s"), socket));
    Daemon daemon =
        Daemon.start(
                "containerd",
                workspace.log("containerd"),
                Map.of("PATH", searchPath),
                List.of(
                    programs.resolve("containerd").toString(),
                    "--config",
                    configuration.toString()))
            .awaitReady(() -> Files.exists(socket));
    return new ContainerdDaemon(socket, daemon);
  }

  Path socket() {
    return socket;
  }

  @Override
  public void close() {
    daemon.close();
  }
}
