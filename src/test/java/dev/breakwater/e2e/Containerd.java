package dev.breakwater.e2e;

import java.nio.file.Path;

/** containerd, driven by {@code ctr}, with the mirror in a {@code hosts.toml}. */
public final class Containerd implements ImageClient {
  private final ContainerdDaemon daemon;
  private final Path ctr;
  private final Path hosts;
  private int containers;
  private String login = "";

  private Containerd(ContainerdDaemon daemon, Path ctr, Path hosts) {
    this.daemon = daemon;
    this.ctr = ctr;
    this.hosts = hosts;
  }

  /** Debian's 1.6. */
  public static Containerd debian(Workspace workspace, BreakwaterProcess mirror) {
    return debian(workspace, hosts(workspace, mirror));
  }

  /** Debian's 1.6 with this directory of {@code hosts.toml}. */
  static Containerd debian(Workspace workspace, Path hosts) {
    return new Containerd(ContainerdDaemon.debian(workspace), Path.of("/usr/bin/ctr"), hosts);
  }

  /** The current 2.x. */
  static Containerd modern(Workspace workspace, BreakwaterProcess mirror) {
    return modern(workspace, hosts(workspace, mirror));
  }

  /** The current 2.x with this directory of {@code hosts.toml}. */
  static Containerd modern(Workspace workspace, Path hosts) {
    Path ctr = Engines.modern().resolve("ctr");
    return new Containerd(ContainerdDaemon.modern(workspace), ctr, hosts);
  }

  private static Path hosts(Workspace workspace, BreakwaterProcess mirror) {
    return workspace
        .file(
            "hosts/docker.io/hosts.toml",
            """
            server = "https://registry-1.docker.io"
            [host."%s"]
              capabilities = ["pull", "resolve"]
            """
                .formatted(mirror.uri()))
        .getParent()
        .getParent();
  }

  /** Logs in at whatever registry is pulled from by its own address. */
  void login(String user, String password) {
    login = user + ":" + password;
  }

  @Override
  public String pull(String reference) {
    if (login.isEmpty()) {
      ctr("images", "pull", "--hosts-dir", hosts, reference);
    } else {
      ctr("images", "pull", "--hosts-dir", hosts, "--user", login, reference);
    }
    String listing = ctr("images", "ls", "name==\"" + reference + "\"");
    // The columns of the second line: name, type, digest, size, platforms, labels.
    return listing.lines().skip(1).findFirst().orElseThrow().split("\\s+", -1)[2];
  }

  @Override
  public String identityOf(TestImage image) {
    return image.digest();
  }

  @Override
  public String run(String reference) {
    containers++;
    return ctr("run", "--rm", "--net-host", reference, "container" + containers);
  }

  @Override
  public void emptyStore() {
    ctr("images", "ls", "-q").lines().forEach(image -> ctr("images", "rm", "--sync", image));
    String left = ctr("content", "ls", "-q");
    if (!left.isEmpty()) {
      throw new AssertionError("the store is not empty: " + left);
    }
  }

  @Override
  public void close() {
    daemon.close();
  }

  private String ctr(Object... arguments) {
    return Command.of(ctr, "-a", daemon.socket(), "-n", "e2e").and(arguments).run();
  }
}
