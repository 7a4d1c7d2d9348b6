package dev.breakwater.e2e;

/** Debian's dockerd. */
class DockerdPrivateImagesIT extends PrivateImagesContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return new Dockerd(workspace, mirror);
  }
}
