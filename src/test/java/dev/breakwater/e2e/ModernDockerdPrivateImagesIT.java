package dev.breakwater.e2e;

import org.junit.jupiter.api.Tag;

/** The current dockerd with the containerd store. */
@Tag("modern-engines")
class ModernDockerdPrivateImagesIT extends PrivateImagesContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return new ModernDockerd(workspace, mirror);
  }
}
