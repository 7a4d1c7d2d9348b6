package dev.breakwater.cli;

import dev.breakwater.app.StartReport;
import dev.breakwater.app.Version;
import dev.breakwater.clientconfig.ClientRecipes;
import dev.breakwater.clientconfig.MirrorUrl;
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

  /** The same with the ports that are really bound, and what its volume leaves to the cache. */
  StartupBanner at(StartReport started) {
    return new StartupBanner(
        started.listeners(),
        started.admin(),
        upstreams,
        cache + " (now " + Amounts.bytes(started.limitBytes()) + ")",
        machine);
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
          .append(listener.scheme())
          .append("://")
          .append(reachable(listener.address()))
          .append('\n');
    }
    text.append("  admin      http://").append(reachable(admin)).append('\n');
    text.append("  cache      ").append(cache).append('\n');
    text.append("  upstreams  ").append(names(upstreams)).append('\n');
    mirror().ifPresent(listener -> appendClients(url(listener), text));
    return text.toString();
  }

  /** The listener that clients are pointed at. */
  Optional<ListenerConfig> mirror() {
    return listeners.stream().filter(listener -> listener.face().mirrors()).findFirst();
  }

  /** How other machines reach a listener. */
  MirrorUrl url(ListenerConfig listener) {
    ListenAddress address = reachable(listener.address());
    String host = address.host().contains(":") ? "[" + address.host() + "]" : address.host();
    return new MirrorUrl(listener.scheme(), host, address.port());
  }

  private void appendClients(MirrorUrl mirror, StringBuilder text) {
    ClientRecipes recipes = ClientRecipes.withExamples(mirror, upstreams);
    for (ClientRecipes.Recipe recipe : recipes.overview()) {
      text.append('\n').append(recipe.clients()).append(": ").append(recipe.file());
      if (!recipe.activation().isEmpty()) {
        text.append(", then ").append(recipe.activation());
      }
      text.append('\n').append(recipe.text().indent(2));
      recipe.notes().forEach(note -> text.append("  # ").append(note).append('\n'));
    }
    text.append("\nby hand\n");
    recipes.byHand().forEach(command -> text.append("  ").append(command).append('\n'));
  }

  private ListenAddress reachable(ListenAddress address) {
    return address.isWildcard() ? new ListenAddress(machine, address.port()) : address;
  }

  private static String names(List<ZoneName> names) {
    return names.stream().map(ZoneName::value).collect(Collectors.joining(", "));
  }
}
