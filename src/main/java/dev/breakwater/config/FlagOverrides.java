package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.util.List;
import java.util.Optional;

/**
 * What the command line says, as text; stronger than every other source.
 *
 * @param listen {@code --listen}: the address of the first listener
 * @param admin {@code --admin}
 * @param data {@code --data}
 * @param maxSize {@code --max-size}
 * @param upstreams {@code --upstream}, each {@code NAME=URL}; a name that is new is added
 */
public record FlagOverrides(
    Optional<String> listen,
    Optional<String> admin,
    Optional<String> data,
    Optional<String> maxSize,
    List<String> upstreams) {

  /** No flag at all. */
  public static FlagOverrides none() {
    return new FlagOverrides(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of());
  }

  /** What the flags say; errors go to {@code problems}. */
  Layer layer(Problems problems) {
    Layer layer = new Layer();
    put(layer, listen, "--listen", ListenerKeys.ADDRESS, "[0]");
    put(layer, admin, "--admin", ConfigKeys.ADMIN_ADDRESS);
    put(layer, data, "--data", ConfigKeys.DATA_DIRECTORY);
    put(layer, maxSize, "--max-size", ConfigKeys.CACHE_MAX_SIZE);
    upstreams.forEach(text -> putUpstream(layer, text, problems));
    return layer;
  }

  private static void put(
      Layer layer, Optional<String> value, String flag, ConfigKey<?> key, String... holes) {
    value.ifPresent(text -> layer.put(key, key.at(holes), text, new SettingOrigin.Flag(flag)));
  }

  private static void putUpstream(Layer layer, String text, Problems problems) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      // The URL may have a password in it.
      String shown = text.contains("@") ? "the value" : Quoted.of(text);
      problems.add(
          "--upstream: "
              + shown
              + " is not NAME=URL; write for example docker.io=https://registry-1.docker.io");
      return;
    }
    try {
      String name = UpstreamName.parse(text.substring(0, equals)).value();
      layer.put(
          UpstreamKeys.URL,
          UpstreamKeys.URL.at(name),
          text.substring(equals + 1),
          new SettingOrigin.Flag("--upstream " + name));
    } catch (IllegalArgumentException e) {
      problems.add("--upstream: " + e.getMessage());
    }
  }
}
