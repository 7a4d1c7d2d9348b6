package dev.breakwater.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The current dockerd with the containerd store: it names the upstream, {@code ?ns=docker.io}. */
final class ModernDockerd implements ImageClient {
  private final Workspace workspace;
  private final String daemonJson;
  private final Path run;
  private final DockerCli docker;
  private ContainerdDaemon containerd;
  private Daemon daemon;

  ModernDockerd(Workspace workspace, BreakwaterProcess mirror) {
    this(workspace, "{\"registry-mirrors\": [\"" + mirror.uri() + "\"]}");
  }

  /** Starts one with this {@code daemon.json}. */
  ModernDockerd(Workspace workspace, String daemonJson) {
    this.workspace = workspace;
    this.daemonJson = daemonJson;
    this.run = workspace.run("dockerd");
    this.docker = new DockerCli(run.resolve("d.sock"), workspace.store("home"));
    this.containerd = ContainerdDaemon.modern(workspace);
    this.daemon = launch();
  }

  @Override
  public String pull(String reference) {
    docker.run("pull", "--quiet", reference);
    return docker.run("image", "inspect", "--format", "{{.Id}}", reference);
  }

  /** With this store the image id is the digest of what was asked for. */
  @Override
  public String identityOf(TestImage image) {
    return image.digest();
  }

  /**
   * Reads what a container would print from its filesystem: Debian's runc is too old for the
   * container that this engine asks for (time namespaces).
   */
  @Override
  public String run(String reference) {
    String container = docker.run("create", "--pull", "never", "--network", "host", reference);
    Path marker = run.resolve("marker");
    docker.run("cp", container + ":/etc/marker", marker);
    docker.run("rm", container);
    try {
      return Files.readString(marker).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void emptyStore() {
    close();
    containerd = ContainerdDaemon.modern(workspace);
    daemon = launch();
  }

  @Override
  public void close() {
    daemon.close();
    containerd.close();
  }

  private Daemon launch() {
    List<String> words =
        List.of(
            Engines.modern().resolve("dockerd").toString(),
            "--config-file=" + workspace.file("dockerd/daemon.json", daemonJson),
            "--containerd=" + containerd.socket(),
            "--data-root=" + workspace.store("dockerd-data"),
            "--exec-root=" + run.resolve("exec"),
            "--pidfile=" + run.resolve("pid"),
            "--host=unix://" + docker.socket(),
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false");
    Map<String, String> environment = Map.of("PATH", Engines.modernPath());
    return Daemon.start("dockerd", workspace.log("dockerd"), environment, words)
        .awaitReady(() -> Loopback.pings(docker.socket()));
  }
}
