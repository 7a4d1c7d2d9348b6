package dev.breakwater.e2e;

/** skopeo, by {@code registries.conf}. */
class PullThroughSkopeoIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return Skopeo.configured(workspace, mirror);
  }
}
