package dev.breakwater.cli;

import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is to be written into the configuration of each kind of client so that it pulls through
 * Breakwater, which takes plain HTTP. The start-up banner prints it, and the README shows it for
 * {@code HOST:5000}.
 *
 * @param address HOST:PORT, as the clients reach Breakwater
 * @param isLoopback whether the clients reach it by a loopback address, from which Docker takes
 *     plain HTTP without being told
 * @param upstreams the registries that can be pulled through, the default one first
 */
record ClientRecipes(String address, boolean isLoopback, List<ZoneName> upstreams) {
  /**
   * The text for one kind of client.
   *
   * @param clients the programs
   * @param file where the text belongs
   * @param activation how the client takes it over, or empty if it does by itself
   * @param language of the text
   * @param text whole lines, nothing to be filled in
   */
  record Recipe(String clients, String file, String activation, String language, String text) {}

  /** One for each kind of client. */
  List<Recipe> all() {
    return List.of(docker(), containerd(), podman(), buildKit());
  }

  /** Commands that pull by Breakwater's own address. */
  List<String> byHand() {
    return upstreams.stream()
        .limit(2)
        .map(
            upstream ->
                "docker pull "
                    + address
                    + (upstream.equals(upstreams.getFirst())
                        ? "/library/nginx"
                        : "/" + upstream.value() + "/user/app"))
        .toList();
  }

  private Recipe docker() {
    String insecure = isLoopback ? "" : ", \"insecure-registries\": [\"" + address + "\"]";
    return new Recipe(
        "Docker",
        "/etc/docker/daemon.json",
        "systemctl reload docker",
        "json",
        "{\"registry-mirrors\": [\"http://%s\"]%s}\n".formatted(address, insecure));
  }

  /** Without a time limit of its own, containerd waits 30 s for a mirror that is gone. */
  private Recipe containerd() {
    return new Recipe(
        "containerd, Kubernetes nodes",
        "/etc/containerd/certs.d/_default/hosts.toml",
        "",
        "toml",
        """
        [host."http://%s"]
          capabilities = ["pull", "resolve"]
          dial_timeout = "1s"
        """
            .formatted(address));
  }

  private Recipe podman() {
    String text =
        examples().stream()
            .map(
                upstream ->
                    """
                    [[registry]]
                    prefix = "%s"
                    location = "%s"
                    [[registry.mirror]]
                    location = "%s"
                    insecure = true
                    """
                        .formatted(upstream.value(), upstream.value(), podmanLocation(upstream)))
            .collect(Collectors.joining());
    return new Recipe(
        "podman, skopeo, buildah, CRI-O",
        "/etc/containers/registries.conf.d/breakwater.conf",
        "",
        "toml",
        text
            + others()
            + """
            [[registry]]
            location = "%s"
            insecure = true
            """
                .formatted(address));
  }

  /** podman does not tell the mirror which registry is meant, so the path must. */
  private String podmanLocation(ZoneName upstream) {
    return upstream.equals(upstreams.getFirst()) ? address : address + "/" + upstream.value();
  }

  /** The mirror's own table says that it takes plain HTTP; without it BuildKit speaks TLS. */
  private Recipe buildKit() {
    String mirrors =
        examples().stream()
            .map(
                upstream ->
                    """
                    [registry."%s"]
                      mirrors = ["%s"]
                    """
                        .formatted(upstream.value(), address))
            .collect(Collectors.joining());
    return new Recipe(
        "BuildKit",
        "/etc/buildkit/buildkitd.toml",
        "systemctl restart buildkit",
        "toml",
        mirrors
            + others()
            + """
            [registry."%s"]
              http = true
            """
                .formatted(address));
  }

  private List<ZoneName> examples() {
    return upstreams.subList(0, Math.min(2, upstreams.size()));
  }

  private String others() {
    return upstreams.size() <= 2
        ? ""
        : upstreams.stream()
            .skip(2)
            .map(ZoneName::value)
            .collect(Collectors.joining(", ", "# the same for ", "\n"));
  }
}
