package dev.breakwater.e2e;

/** Debian's dockerd, by {@code daemon.json}. */
class PullThroughDockerdIT extends PullThroughContract {
  @Override
  ImageClient client(Workspace workspace, BreakwaterProcess mirror) {
    return new Dockerd(workspace, mirror);
  }
}
