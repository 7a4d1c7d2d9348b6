package dev.breakwater.e2e;

import org.junit.jupiter.api.Tag;

/** The current dockerd with the containerd store, by {@code daemon.json}. */
@Tag("modern-engines")
class ModernDockerdIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return new ModernDockerd(workspace, mirror);
  }
}
