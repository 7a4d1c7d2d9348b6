package dev.breakwater.e2e;

/** podman. */
class PodmanPrivateImagesIT extends PrivateImagesContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return new Podman(workspace, mirror);
  }
}
