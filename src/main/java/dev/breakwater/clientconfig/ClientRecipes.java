package dev.breakwater.clientconfig;

import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is to be written into the configuration of each kind of client so that it pulls through
 * Breakwater. The start-up banner prints it, and the README shows it for {@code HOST:5000}.
 *
 * @param mirror how the clients reach Breakwater
 * @param upstreams the registries that can be pulled through, the default one first
 * @param written how many of them are written out where each needs lines of its own; a comment
 *     names the others
 */
public record ClientRecipes(MirrorUrl mirror, List<ZoneName> upstreams, int written) {
  private static final int EXAMPLES = 2;

  /**
   * The text for one kind of client.
   *
   * @param clients the programs
   * @param file where the text belongs
   * @param activation how the client takes it over, or empty if it does by itself
   * @param language of the text
   * @param text whole lines, nothing to be filled in
   * @param notes sentences about what else the client needs
   */
  public record Recipe(
      String clients,
      String file,
      String activation,
      String language,
      String text,
      List<String> notes) {}

  /** With every upstream written out. */
  public static ClientRecipes complete(MirrorUrl mirror, List<ZoneName> upstreams) {
    return new ClientRecipes(mirror, upstreams, upstreams.size());
  }

  /** With the first upstreams as examples. */
  public static ClientRecipes withExamples(MirrorUrl mirror, List<ZoneName> upstreams) {
    return new ClientRecipes(mirror, upstreams, EXAMPLES);
  }

  /** What the banner and the README show: one for each file. */
  public List<Recipe> overview() {
    return List.of(docker(), containerd(), podman(), buildKit());
  }

  /** That of one kind of client. */
  public Recipe of(Client client) {
    return switch (client) {
      case DOCKER -> docker();
      case SWARM -> swarm();
      case CONTAINERD -> containerd();
      case K3S -> k3s();
      case PODMAN -> podman();
      case CRIO -> crio();
      case BUILDKIT -> buildKit();
      case KIND -> kind();
    };
  }

  /** Commands that pull by Breakwater's own address. */
  public List<String> byHand() {
    return upstreams.stream()
        .limit(EXAMPLES)
        .map(
            upstream ->
                "docker pull "
                    + address()
                    + (upstream.equals(upstreams.getFirst())
                        ? "/library/nginx"
                        : "/" + upstream.value() + "/user/app"))
        .toList();
  }

  private String address() {
    return mirror.address();
  }

  private Recipe docker() {
    return daemonJson("Docker", List.of());
  }

  private Recipe swarm() {
    return daemonJson(
        "Docker swarm",
        List.of("Every node needs it, managers too: they look up the digest of a service's tag."));
  }

  private Recipe daemonJson(String clients, List<String> notes) {
    boolean said = mirror.isTls() || mirror.isLoopback();
    String insecure = said ? "" : ", \"insecure-registries\": [\"" + address() + "\"]";
    return new Recipe(
        clients,
        "/etc/docker/daemon.json",
        "systemctl reload docker",
        "json",
        "{\"registry-mirrors\": [\"%s\"]%s}\n".formatted(mirror, insecure),
        with(notes, privateCa("put its certificate at /etc/docker/certs.d/%s/ca.crt")));
  }

  /** Without a time limit of its own, containerd waits 30 s for a mirror that is gone. */
  private Recipe containerd() {
    return new Recipe(
        "containerd, Kubernetes nodes",
        "/etc/containerd/certs.d/_default/hosts.toml",
        "",
        "toml",
        """
        [host."%s"]
          capabilities = ["pull", "resolve"]
          dial_timeout = "1s"
        """
            .formatted(mirror),
        privateCa("end the file with the line  ca = \"FILE\"  that names its certificate"));
  }

  private Recipe k3s() {
    String mirrors =
        each(
            upstream ->
                """
                  "%s":
                    endpoint:
                      - "%s"
                """
                    .formatted(upstream.value(), mirror));
    return new Recipe(
        "k3s",
        "/etc/rancher/k3s/registries.yaml",
        "systemctl restart k3s, on agents systemctl restart k3s-agent",
        "yaml",
        "mirrors:\n" + mirrors + others(),
        with(
            List.of("Every node needs it, servers and agents."),
            privateCa("add  configs: {\"%s\": {tls: {ca_file: FILE}}}  with its certificate")));
  }

  private Recipe podman() {
    return registriesConf("podman, skopeo, buildah, CRI-O", "");
  }

  private Recipe crio() {
    return registriesConf("CRI-O", "systemctl reload crio");
  }

  private Recipe registriesConf(String clients, String activation) {
    String insecure = mirror.isTls() ? "" : "insecure = true\n";
    String text =
        each(
            upstream ->
                """
                [[registry]]
                prefix = "%s"
                location = "%s"
                [[registry.mirror]]
                location = "%s"
                """
                        .formatted(upstream.value(), upstream.value(), podmanLocation(upstream))
                    + insecure);
    String own =
        mirror.isTls()
            ? ""
            : """
            [[registry]]
            location = "%s"
            insecure = true
            """
                .formatted(address());
    return new Recipe(
        clients,
        "/etc/containers/registries.conf.d/breakwater.conf",
        activation,
        "toml",
        text + others() + own,
        privateCa("put its certificate at /etc/containers/certs.d/%s/ca.crt"));
  }

  /** podman does not tell the mirror which registry is meant, so the path must. */
  private String podmanLocation(ZoneName upstream) {
    return upstream.equals(upstreams.getFirst()) ? address() : address() + "/" + upstream.value();
  }

  /** The mirror's own table says that it takes plain HTTP; without it BuildKit speaks TLS. */
  private Recipe buildKit() {
    String mirrors =
        each(
            upstream ->
                """
                [registry."%s"]
                  mirrors = ["%s"]
                """
                    .formatted(upstream.value(), address()));
    String own =
        mirror.isTls()
            ? ""
            : """
            [registry."%s"]
              http = true
            """
                .formatted(address());
    return new Recipe(
        "BuildKit",
        "/etc/buildkit/buildkitd.toml",
        "systemctl restart buildkit",
        "toml",
        mirrors + others() + own,
        privateCa("add the table [registry.\"%s\"] with the line  ca = [\"FILE\"]"));
  }

  /** New images of kind read {@code certs.d} by themselves; old ones need the patch. */
  private Recipe kind() {
    return new Recipe(
        "kind",
        "kind.yaml",
        "kind create cluster --config kind.yaml",
        "yaml",
        """
        kind: Cluster
        apiVersion: kind.x-k8s.io/v1alpha4
        containerdConfigPatches:
          - |-
            [plugins."io.containerd.grpc.v1.cri".registry]
              config_path = "/etc/containerd/certs.d"
        nodes:
          - role: control-plane
            extraMounts:
              - hostPath: /etc/containerd/certs.d
                containerPath: /etc/containerd/certs.d
                readOnly: true
        """,
        with(
            mirror.isLoopback()
                ? List.of(
                    mirror.host() + " is the node itself inside a node; name another address.")
                : List.of(),
            List.of(
                "The nodes read /etc/containerd/certs.d of this machine: write the recipe of"
                    + " containerd there first.")));
  }

  private List<String> privateCa(String remedy) {
    return mirror.isTls()
        ? List.of("With a private CA, " + remedy.replace("%s", address()) + ".")
        : List.of();
  }

  private static List<String> with(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private String each(Function<ZoneName, String> lines) {
    return upstreams.stream().limit(written).map(lines).collect(Collectors.joining());
  }

  private String others() {
    return upstreams.size() <= written
        ? ""
        : upstreams.stream()
            .skip(written)
            .map(ZoneName::value)
            .collect(Collectors.joining(", ", "# the same for ", "\n"));
  }
}
