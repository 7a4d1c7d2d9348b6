package dev.breakwater.e2e;

import org.junit.jupiter.api.Tag;

/** The current containerd, by {@code hosts.toml}. */
@Tag("modern-engines")
class ModernContainerdIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return Containerd.modern(workspace, mirror);
  }
}
