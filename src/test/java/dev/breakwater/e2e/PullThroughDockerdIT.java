package dev.breakwater.e2e;

/** Debian's dockerd, by {@code --registry-mirror}. */
class PullThroughDockerdIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return new Dockerd(workspace, mirror);
  }
}
