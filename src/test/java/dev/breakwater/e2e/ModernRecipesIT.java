package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Today's engines, told of a mirror off localhost by exactly what the README says. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("modern-engines")
class ModernRecipesIT {
  @Test
  void buildKitBuildsFromImagesOfEveryRegistryAndByHand(TestInfo test) {
    try (RecipeFixture mirror = new RecipeFixture(test);
        BuildKit buildKit = new BuildKit(mirror.workspace(), mirror.recipe("BuildKit"))) {
      for (String registry : mirror.registries()) {
        for (TestImage image : mirror.small()) {
          String reference = RecipeFixture.in(registry, image);
          assertThat(buildKit.build(reference)).as(reference).isEqualTo(image.marker());
        }
      }
    }
  }

  @Test
  void dockerPullsFromDockerHubAndByHand(TestInfo test) {
    try (RecipeFixture mirror = new RecipeFixture(test);
        ModernDockerd docker = new ModernDockerd(mirror.workspace(), mirror.recipe("Docker"))) {
      mirror.assertPullsFrom(docker, "docker.io");
      mirror.assertPullsByHand(docker);
    }
  }

  @Test
  void containerdPullsFromEveryRegistryAndByHand(TestInfo test) {
    try (RecipeFixture mirror = new RecipeFixture(test);
        Containerd containerd = Containerd.modern(mirror.workspace(), mirror.hostsDirectory())) {
      mirror.assertPullsFrom(containerd, "docker.io");
      mirror.assertPullsFrom(containerd, "ghcr.io");
      mirror.assertPullsByHand(containerd);
    }
  }
}
