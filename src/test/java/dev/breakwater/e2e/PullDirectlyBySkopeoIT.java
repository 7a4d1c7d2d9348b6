package dev.breakwater.e2e;

/** skopeo, by Breakwater's own address. */
class PullDirectlyBySkopeoIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return Skopeo.direct(workspace, mirror);
  }
}
