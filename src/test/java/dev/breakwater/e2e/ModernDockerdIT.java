package dev.breakwater.e2e;

/** The current dockerd with the containerd store, by {@code --registry-mirror}. */
class ModernDockerdIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return new ModernDockerd(workspace, mirror);
  }
}
