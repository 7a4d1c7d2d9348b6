package dev.breakwater.e2e;

/** Debian's containerd, by {@code hosts.toml}. */
class PullThroughContainerdIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return Containerd.debian(workspace, mirror);
  }
}
