package dev.breakwater.e2e;

import dev.breakwater.testing.Eventually;

/**
 * A swarm of one node. Services use the host's network: no overlay network, bridge or firewall rule
 * is made. Its ports are on loopback.
 */
final class Swarm {
  private final DockerCli docker;
  private int services;

  private Swarm(DockerCli docker) {
    this.docker = docker;
  }

  /** Makes the engine the manager of a new swarm; it ends with the engine's data. */
  static Swarm init(DockerCli docker) {
    docker.run(
        "swarm",
        "init",
        "--advertise-addr",
        "127.0.0.1",
        "--listen-addr",
        Loopback.freeAddress(),
        "--data-path-port",
        "14789");
    return new Swarm(docker);
  }

  /**
   * Creates a service whose one task runs to its end. A manager that reaches Docker Hub and its
   * mirror replaces a tag by a digest; without Docker Hub the nodes pull by tag.
   *
   * @return the service's name
   */
  String create(String reference) {
    services++;
    String name = "service" + services;
    docker.run(
        "service",
        "create",
        "--quiet",
        "--detach",
        "--network",
        "host",
        "--restart-condition",
        "none",
        "--name",
        name,
        reference);
    return name;
  }

  /** Waits until the task has ended well; what it printed. */
  String output(String service) {
    Eventually.until(
        "the end of the task of " + service, () -> state(service).contains("Complete"));
    return docker.run("service", "logs", "--raw", service);
  }

  private String state(String service) {
    String state =
        docker.run(
            "service", "ps", "--no-trunc", "--format", "{{.CurrentState}} {{.Error}}", service);
    if (state.startsWith("Rejected") || state.startsWith("Failed")) {
      throw new AssertionError("the task of " + service + " is " + state);
    }
    return state;
  }
}
