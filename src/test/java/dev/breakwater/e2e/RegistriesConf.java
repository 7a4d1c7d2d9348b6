package dev.breakwater.e2e;

import java.nio.file.Path;

/** The {@code registries.conf} by which podman and skopeo know the mirror. */
final class RegistriesConf {
  private RegistriesConf() {}

  static Path write(Workspace workspace, BreakwaterProcess mirror) {
    return write(
        workspace,
        """
        unqualified-search-registries = []
        [[registry]]
        prefix = "docker.io"
        location = "docker.io"
        [[registry.mirror]]
        location = "%s"
        insecure = true
        """
            .formatted(mirror.address()));
  }

  static Path write(Workspace workspace, String text) {
    return workspace.file("containers/registries.conf", text);
  }
}
