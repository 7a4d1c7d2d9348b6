package dev.breakwater.e2e;

import dev.breakwater.e2e.TestImage.Trait;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Debian's dockerd 20.10 with its graph-driver store, as root and without networks of its own, so
 * that it leaves the machine's bridges and firewall alone.
 */
public final class Dockerd implements ImageClient {
  private final Workspace workspace;
  private final String daemonJson;
  private final Optional<PrivateNetwork> network;
  private final Path run;
  private final DockerCli docker;
  private Daemon daemon;

  Dockerd(Workspace workspace, BreakwaterProcess mirror) {
    this(workspace, mirror.uri());
  }

  /** Starts one that uses whatever registry is at {@code mirror} as its mirror of Docker Hub. */
  public Dockerd(Workspace workspace, URI mirror) {
    this(workspace, mirrorOf(mirror));
  }

  /** Starts one with this {@code daemon.json}. */
  Dockerd(Workspace workspace, String daemonJson) {
    this(workspace, daemonJson, Optional.empty());
  }

  /** Starts one in this network with {@code mirror} as its mirror of Docker Hub. */
  Dockerd(Workspace workspace, BreakwaterProcess mirror, PrivateNetwork network) {
    this(workspace, mirrorOf(mirror.uri()), Optional.of(network));
  }

  private Dockerd(Workspace workspace, String daemonJson, Optional<PrivateNetwork> network) {
    this.workspace = workspace;
    this.daemonJson = daemonJson;
    this.network = network;
    this.run = workspace.run("dockerd");
    this.docker = new DockerCli(run.resolve("d.sock"), workspace.store("home"));
    this.daemon = launch();
  }

  /** Its command line. */
  DockerCli cli() {
    return docker;
  }

  private static String mirrorOf(URI mirror) {
    return "{\"registry-mirrors\": [\"" + mirror + "\"]}";
  }

  @Override
  public String pull(String reference) {
    docker.run("pull", "--quiet", reference);
    String format = "{{.Id}}{{range .RepoDigests}} {{.}}{{end}}";
    String seen = docker.run("image", "inspect", "--format", format, reference);
    // An image that was pulled by several names has its digest once for each.
    return Stream.of(seen.replaceAll(" \\S+@", " ").split(" ", -1))
        .distinct()
        .collect(Collectors.joining(" "));
  }

  /** The image id is the digest of the configuration; the engine also notes what it asked for. */
  @Override
  public String identityOf(TestImage image) {
    return image.configDigest() + " " + image.digest();
  }

  @Override
  public String run(String reference) {
    return docker.run("run", "--rm", "--pull", "never", "--network", "host", reference);
  }

  @Override
  public void emptyStore() {
    daemon.close();
    daemon = launch();
  }

  /** 20.10 takes a zstd layer for a broken archive; zstd came with version 23. */
  @Override
  public Set<Trait> lacks() {
    return Set.of(Trait.ZSTD);
  }

  @Override
  public void close() {
    daemon.close();
  }

  private Daemon launch() {
    List<String> words = new ArrayList<>(network.map(PrivateNetwork::enter).orElse(List.of()));
    words.addAll(
        List.of(
            "/usr/sbin/dockerd",
            "--config-file=" + workspace.file("dockerd/daemon.json", daemonJson),
            "--data-root=" + workspace.store("dockerd-data"),
            "--exec-root=" + run.resolve("exec"),
            "--pidfile=" + run.resolve("pid"),
            "--host=unix://" + docker.socket(),
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false"));
    Map<String, String> environment = new HashMap<>(Map.of("PATH", Engines.DEBIAN_PATH));
    network.ifPresent(cable -> environment.put("NO_PROXY", cable.host()));
    return Daemon.start("dockerd", workspace.log("dockerd"), environment, words)
        .awaitReady(() -> Loopback.pings(docker.socket()));
  }
}
