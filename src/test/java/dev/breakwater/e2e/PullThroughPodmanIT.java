package dev.breakwater.e2e;

/** podman, by {@code registries.conf}. */
class PullThroughPodmanIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return new Podman(workspace, mirror);
  }
}
