package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Debian's clients, told of a mirror off localhost by exactly what the README says. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("peers")
class SetUpRecipesIT {
  @Test
  void podmanPullsFromEveryRegistryAndByHand(TestInfo test) {
    try (RecipeFixture mirror = new RecipeFixture(test);
        Podman podman = new Podman(mirror.workspace(), registriesConf(mirror))) {
      mirror.assertPullsFrom(podman, "docker.io");
      mirror.assertPullsFrom(podman, "ghcr.io");
      mirror.assertPullsByHand(podman);
    }
  }

  @Test
  void podmanThatIsNotToldOfPlainHttpIsReportedToTheOperator(TestInfo test) {
    try (RecipeFixture mirror = new RecipeFixture(test)) {
      String incomplete = mirror.recipe("podman").replace("insecure = true\n", "");
      Path registries = RegistriesConf.write(mirror.workspace(), incomplete);
      try (Podman podman = new Podman(mirror.workspace(), registries)) {
        assertThatThrownBy(() -> mirror.assertPullsFrom(podman, "docker.io"))
            .hasMessageContaining("server gave HTTP response to HTTPS client");
      }
      Eventually.until(
          "a warning that names the client and the remedy",
          () ->
              Files.readString(mirror.workspace().log("breakwater"))
                  .contains("client " + mirror.host() + " spoke TLS to port"));
    }
  }

  @Test
  void skopeoCopiesFromEveryRegistryAndByHand(TestInfo test) {
    try (RecipeFixture mirror = new RecipeFixture(test);
        Skopeo skopeo = Skopeo.configured(mirror.workspace(), registriesConf(mirror))) {
      mirror.assertPullsFrom(skopeo, "docker.io");
      mirror.assertPullsFrom(skopeo, "ghcr.io");
      mirror.assertPullsByHand(skopeo);
    }
  }

  @Test
  void dockerPullsFromDockerHubAndByHand(TestInfo test) {
    try (RecipeFixture mirror = new RecipeFixture(test);
        Dockerd docker = new Dockerd(mirror.workspace(), mirror.recipe("Docker"))) {
      mirror.assertPullsFrom(docker, "docker.io");
      mirror.assertPullsByHand(docker);
    }
  }

  @Test
  void containerdPullsFromEveryRegistryAndByHand(TestInfo test) {
    try (RecipeFixture mirror = new RecipeFixture(test);
        Containerd containerd = Containerd.debian(mirror.workspace(), mirror.hostsDirectory())) {
      mirror.assertPullsFrom(containerd, "docker.io");
      mirror.assertPullsFrom(containerd, "ghcr.io");
      mirror.assertPullsByHand(containerd);
    }
  }

  private static Path registriesConf(RecipeFixture mirror) {
    return RegistriesConf.write(mirror.workspace(), mirror.recipe("podman"));
  }
}
