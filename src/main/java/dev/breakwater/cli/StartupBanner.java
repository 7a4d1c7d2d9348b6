package dev.breakwater.cli;

import dev.breakwater.app.Version;
import dev.breakwater.config.Config;
import dev.breakwater.config.ListenAddress;
import dev.breakwater.config.ListenerConfig;
import dev.breakwater.oci.Amounts;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is printed when Breakwater is ready: where it answers, and the lines that point each kind of
 * client at it, ready to be copied.
 *
 * @param listeners where clients are answered, with the ports that are really bound
 * @param admin where operators are answered
 * @param upstreams what can be pulled through, the default one first
 * @param cache where the cache is and how large it may grow, in words
 * @param machine how other machines call this one
 */
record StartupBanner(
    List<ListenerConfig> listeners,
    ListenAddress admin,
    List<ZoneName> upstreams,
    String cache,
    String machine) {

  /** The banner of a configuration whose ports are all given. */
  static StartupBanner of(Config config, String machine) {
    List<ZoneName> upstreams =
        Stream.concat(Stream.of(config.defaultUpstream()), config.upstreams().keySet().stream())
            .distinct()
            .toList();
    String cache =
        config.data().directory()
            + ", at most "
            + config.cache().maxSize()
            + (config.cache().maxSize().toString().endsWith("%") ? " of its volume" : "");
    return new StartupBanner(
        config.listeners(), config.admin().address(), upstreams, cache, machine);
  }

  /** The same with what the cache can grow to on its volume as it is now. */
  StartupBanner holding(long bytes) {
    return new StartupBanner(
        listeners, admin, upstreams, cache + " (now " + Amounts.bytes(bytes) + ")", machine);
  }

  /** Lines of text, the last one ended as well. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("Breakwater ").append(Version.text()).append(" is ready\n");
    for (ListenerConfig listener : listeners) {
      text.append("  ")
          .append(
              switch (listener.face()) {
                case MIRROR -> "mirror     ";
                case REGISTRY -> "registry   ";
                case BOTH -> "clients    ";
              })
          .append("http://")
          .append(reachable(listener.address()))
          .append('\n');
    }
    text.append("  admin      http://").append(reachable(admin)).append('\n');
    text.append("  cache      ").append(cache).append('\n');
    text.append("  upstreams  ").append(names(upstreams)).append('\n');
    mirror().ifPresent(listener -> appendClients(listener.address(), text));
    return text.toString();
  }

  private Optional<ListenerConfig> mirror() {
    return listeners.stream().filter(listener -> listener.face().mirrors()).findFirst();
  }

  private void appendClients(ListenAddress address, StringBuilder text) {
    String host = reachable(address).toString();
    text.append('\n').append(docker(host, address.isLoopback()));
    text.append('\n').append(containerd(host));
    text.append('\n').append(podman(host));
  }

  private static String docker(String host, boolean loopback) {
    // dockerd takes plain HTTP from loopback without being told; from elsewhere it asks for the
    // second key when an image is named by this host.
    String insecure = loopback ? "" : ", \"insecure-registries\": [\"" + host + "\"]";
    return """
    Docker: /etc/docker/daemon.json, then systemctl reload docker
      {"registry-mirrors": ["http://%s"]%s}
    """
        .formatted(host, insecure);
  }

  /** Without a time limit of its own, containerd waits 30 s for a mirror that is gone. */
  private static String containerd(String host) {
    return """
    containerd: /etc/containerd/certs.d/_default/hosts.toml, for every registry
      [host."http://%s"]
        capabilities = ["pull", "resolve"]
        dial_timeout = "1s"
    """
        .formatted(host);
  }

  private String podman(String host) {
    StringBuilder text =
        new StringBuilder("podman: /etc/containers/registries.conf.d/breakwater.conf\n");
    text.append(podmanBlock(upstreams.getFirst().value(), host));
    if (upstreams.size() > 1) {
      String example = upstreams.get(1).value();
      text.append(podmanBlock(example, host + "/" + example));
    }
    if (upstreams.size() > 2) {
      text.append("  # the same for ").append(names(upstreams.subList(2, upstreams.size())));
      text.append('\n');
    }
    return text.toString();
  }

  private static String podmanBlock(String registry, String location) {
    return """
      [[registry]]
      prefix = "%s"
      location = "%s"
      [[registry.mirror]]
      location = "%s"
      insecure = true
    """
        .formatted(registry, registry, location);
  }

  private ListenAddress reachable(ListenAddress address) {
    return address.isWildcard() ? new ListenAddress(machine, address.port()) : address;
  }

  private static String names(List<ZoneName> names) {
    return names.stream().map(ZoneName::value).collect(Collectors.joining(", "));
  }
}
