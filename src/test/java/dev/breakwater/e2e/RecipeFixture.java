package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.TestInfo;

/**
 * Breakwater where clients do not take it for localhost, with one registry as {@code docker.io} and
 * {@code ghcr.io}. The real ones cannot be reached: what a client pulls came through Breakwater.
 */
final class RecipeFixture implements AutoCloseable {
  private final TestImages images = TestImages.shared();
  private final Workspace workspace;
  private final Upstream upstream;
  private final BreakwaterProcess mirror;

  RecipeFixture(TestInfo test) {
    workspace = new Workspace(test);
    upstream = Upstream.start(workspace, images);
    Map<String, String> settings = new HashMap<>(upstream.settings());
    settings.put("BREAKWATER_UPSTREAMS_GHCR_IO_URL", upstream.uri().toString());
    settings.put(
        "BREAKWATER_UPSTREAMS_GHCR_IO_REALMS",
        settings.get("BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS"));
    mirror = BreakwaterProcess.startAt(workspace, MachineAddress.free(), upstream.uri(), settings);
  }

  Workspace workspace() {
    return workspace;
  }

  /** What the README says for a kind of client, with this mirror's address. */
  String recipe(String client) {
    return Readme.recipe(client, mirror.address());
  }

  /** The address by which clients reach the mirror, and from which this machine's clients come. */
  String host() {
    return mirror.uri().getHost();
  }

  /** A directory whose {@code _default/hosts.toml} is what the README says for containerd. */
  Path hostsDirectory() {
    return workspace
        .file("hosts/_default/hosts.toml", recipe("containerd"))
        .getParent()
        .getParent();
  }

  /** Everything before an image's name: both registries, and both by Breakwater's own address. */
  List<String> registries() {
    return List.of("docker.io", "ghcr.io", mirror.address(), mirror.address() + "/ghcr.io");
  }

  /** A small image, and another one, in a user's repository. */
  List<TestImage> small() {
    return images.all().stream()
        .filter(image -> image.manifests() > 1 && image.traits().isEmpty())
        .toList();
  }

  /** How an image is named in a registry. */
  static String in(String registry, TestImage image) {
    return registry + "/" + image.repository() + ":" + image.tag();
  }

  /** Pulls by the name that images have in their registries. */
  void assertPullsFrom(ImageClient client, String registry) {
    for (TestImage image : small()) {
      String reference = in(registry, image);
      assertThat(client.pull(reference)).as(reference).isEqualTo(client.identityOf(image));
    }
  }

  /** Pulls by Breakwater's own address, of both registries. */
  void assertPullsByHand(ImageClient client) {
    assertPullsFrom(client, mirror.address());
    assertPullsFrom(client, mirror.address() + "/ghcr.io");
  }

  @Override
  public void close() {
    mirror.close();
    upstream.close();
    workspace.close();
  }
}
