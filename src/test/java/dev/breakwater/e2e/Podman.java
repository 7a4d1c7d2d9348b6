package dev.breakwater.e2e;

import java.nio.file.Path;

/** Debian's podman 4.3 with a store of its own. */
public final class Podman implements ImageClient {
  private final Workspace workspace;
  private final Path registries;
  private final Path login;
  private Path run;
  private Path store;

  /** One that uses {@code mirror} as its mirror of Docker Hub. */
  public Podman(Workspace workspace, BreakwaterProcess mirror) {
    this(workspace, RegistriesConf.write(workspace, mirror));
  }

  /** One that reads this {@code registries.conf}. */
  Podman(Workspace workspace, Path registries) {
    this.workspace = workspace;
    this.registries = registries;
    this.login = workspace.file("containers/auth.json", "{}");
    emptyStore();
  }

  /** Logs in at a registry; the login is used for what is pulled from then on. */
  void login(String address, String user, String password) {
    podman("login", "--username", user, "--password", password, address);
  }

  @Override
  public String pull(String reference) {
    podman("pull", "--quiet", reference);
    return podman("image", "inspect", "--format", "sha256:{{.Id}} {{.Digest}}", reference);
  }

  @Override
  public String identityOf(TestImage image) {
    return image.configDigest() + " " + image.digest();
  }

  /** The limits are stated because podman's own ask for more than some machines give to root. */
  @Override
  public String run(String reference) {
    return podman(
        "run",
        "--rm",
        "--pull=never",
        "--network=host",
        "--ulimit=nofile=1024:1024",
        "--ulimit=nproc=1024:1024",
        reference);
  }

  /** A short path to run in: podman refuses more than 50 characters. */
  @Override
  public final void emptyStore() {
    run = workspace.run("podman");
    store = workspace.store("podman");
  }

  @Override
  public void close() {
    Mounts.releaseUnder(store);
    Mounts.releaseUnder(run);
  }

  /** runc, because crun 1.8 refuses hosts that mount both generations of control groups. */
  private String podman(Object... arguments) {
    return Command.of("/usr/bin/podman", "--root", store)
        .and("--runroot", run, "--tmpdir", run.resolve("tmp"))
        .and("--cgroup-manager=cgroupfs", "--runtime=/usr/sbin/runc", "--events-backend=none")
        .and(arguments)
        .with("PATH", Engines.DEBIAN_PATH)
        .with("CONTAINERS_REGISTRIES_CONF", registries.toString())
        .with("REGISTRY_AUTH_FILE", login.toString())
        .run();
  }
}
