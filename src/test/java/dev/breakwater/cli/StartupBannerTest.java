package dev.breakwater.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.StartReport;
import dev.breakwater.config.Config;
import dev.breakwater.config.Face;
import dev.breakwater.config.ListenAddress;
import dev.breakwater.config.ListenerConfig;
import dev.breakwater.oci.ZoneName;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StartupBannerTest {
  @Test
  void defaultsAreShownWithTheMachinesName() {
    assertThat(StartupBanner.of(Config.defaults(), "mirror.example").text())
        .isEqualTo(
            """
            Breakwater development build is ready
              clients    http://mirror.example:5000
              admin      http://127.0.0.1:5001
              cache      /var/lib/breakwater, at most 80% of its volume
              upstreams  docker.io, ghcr.io, quay.io, registry.k8s.io, gcr.io, mcr.microsoft.com, public.ecr.aws

            Docker: /etc/docker/daemon.json, then systemctl reload docker
              {"registry-mirrors": ["http://mirror.example:5000"], "insecure-registries": ["mirror.example:5000"]}

            containerd, Kubernetes nodes: /etc/containerd/certs.d/_default/hosts.toml
              [host."http://mirror.example:5000"]
                capabilities = ["pull", "resolve"]
                dial_timeout = "1s"

            podman, skopeo, buildah, CRI-O: /etc/containers/registries.conf.d/breakwater.conf
              [[registry]]
              prefix = "docker.io"
              location = "docker.io"
              [[registry.mirror]]
              location = "mirror.example:5000"
              insecure = true
              [[registry]]
              prefix = "ghcr.io"
              location = "ghcr.io"
              [[registry.mirror]]
              location = "mirror.example:5000/ghcr.io"
              insecure = true
              # the same for quay.io, registry.k8s.io, gcr.io, mcr.microsoft.com, public.ecr.aws
              [[registry]]
              location = "mirror.example:5000"
              insecure = true

            BuildKit: /etc/buildkit/buildkitd.toml, then systemctl restart buildkit
              [registry."docker.io"]
                mirrors = ["mirror.example:5000"]
              [registry."ghcr.io"]
                mirrors = ["mirror.example:5000"]
              # the same for quay.io, registry.k8s.io, gcr.io, mcr.microsoft.com, public.ecr.aws
              [registry."mirror.example:5000"]
                http = true

            by hand
              docker pull mirror.example:5000/library/nginx
              docker pull mirror.example:5000/ghcr.io/user/app
            """);
  }

  @Test
  void portsThatAreReallyBoundAndWhatTheVolumeLeavesAreShown() {
    StartReport started =
        new StartReport(
            List.of(listener("10.0.0.1:34567", Face.BOTH)),
            ListenAddress.parse("127.0.0.1:45678"),
            Path.of("/var/lib/breakwater"),
            0,
            3L << 29,
            true);
    assertThat(StartupBanner.of(Config.defaults(), "mirror.example").at(started).text())
        .contains("  clients    http://10.0.0.1:34567\n")
        .contains("  admin      http://127.0.0.1:45678\n")
        .contains("  cache      /var/lib/breakwater, at most 80% of its volume (now 1.5 GiB)\n");
  }

  @Test
  void loopbackNeedsNoInsecureRegistry() {
    assertThat(banner(listener("127.0.0.1:5000", Face.MIRROR)))
        .contains("{\"registry-mirrors\": [\"http://127.0.0.1:5000\"]}")
        .contains("  mirror     http://127.0.0.1:5000\n");
  }

  @Test
  void clientsArePointedAtTheFirstListenerThatMirrors() {
    assertThat(
            banner(listener("10.0.0.1:5000", Face.REGISTRY), listener("10.0.0.1:5002", Face.BOTH)))
        .contains("  registry   http://10.0.0.1:5000\n")
        .contains("[\"http://10.0.0.1:5002\"]")
        .doesNotContain("[\"http://10.0.0.1:5000\"]");
  }

  @Test
  void registryAloneIsNoMirror() {
    assertThat(banner(listener("10.0.0.1:5000", Face.REGISTRY)))
        .doesNotContain("registry-mirrors")
        .doesNotContain("hosts.toml");
  }

  @Test
  void ipv6AddressKeepsItsBrackets() {
    assertThat(banner(listener("[fd00::1]:5000", Face.BOTH)))
        .contains("[host.\"http://[fd00::1]:5000\"]");
  }

  private static ListenerConfig listener(String address, Face face) {
    return new ListenerConfig(ListenAddress.parse(address), face);
  }

  private static String banner(ListenerConfig... listeners) {
    return new StartupBanner(
            Stream.of(listeners).toList(),
            ListenAddress.parse("127.0.0.1:5001"),
            List.of(ZoneName.DOCKER_HUB),
            "/data, at most 50GiB",
            "machine")
        .text();
  }
}
