package dev.breakwater.e2e;

/** The current containerd, by {@code hosts.toml}. */
class ModernContainerdIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return Containerd.modern(workspace, mirror);
  }
}
