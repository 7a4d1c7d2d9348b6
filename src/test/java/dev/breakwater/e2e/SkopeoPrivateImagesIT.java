package dev.breakwater.e2e;

/** skopeo. */
class SkopeoPrivateImagesIT extends PrivateImagesContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return Skopeo.configured(workspace, mirror);
  }
}
