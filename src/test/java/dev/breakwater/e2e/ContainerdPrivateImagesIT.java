package dev.breakwater.e2e;

/** Debian's containerd. */
class ContainerdPrivateImagesIT extends PrivateImagesContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return Containerd.debian(workspace, mirror);
  }
}
