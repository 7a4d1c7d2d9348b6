package dev.breakwater.e2e;

import java.nio.file.Path;

/**
 * Debian's {@code docker} command, which also speaks to the current engine.
 *
 * @param socket where the engine listens
 * @param home an empty home directory: no login is used
 */
record DockerCli(Path socket, Path home) {
  String run(Object... arguments) {
    return Command.of("/usr/bin/docker")
        .and(arguments)
        .with("DOCKER_HOST", "unix://" + socket)
        .with("DOCKER_CONFIG", home.toString())
        .run();
  }
}
