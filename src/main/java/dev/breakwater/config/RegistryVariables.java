package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The {@code REGISTRY_*} variables with which people run {@code registry:2} as a mirror, so that
 * changing the image's name is enough. Weaker than Breakwater's own variables. One that means
 * nothing here is a warning, not an error: a working deployment must not stop for it.
 *
 * @param layer what was understood
 * @param warnings one line for each variable that was not
 */
record RegistryVariables(Layer layer, List<String> warnings) {
  private static final String PREFIX = "REGISTRY_";

  /** Reads them; {@code remote} is the upstream that REGISTRY_PROXY_REMOTEURL is about. */
  static RegistryVariables read(Map<String, String> environment, ZoneName remote) {
    Map<String, Target> targets = targets(remote.value());
    RegistryVariables result = new RegistryVariables(new Layer(), new ArrayList<>());
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              if (name.startsWith(PREFIX)
                  && !value.isEmpty()
                  && !ServiceLinks.contains(name, value)) {
                result.add(name, value, Optional.ofNullable(targets.get(name)));
              }
            });
    return result;
  }

  private void add(String name, String value, Optional<Target> target) {
    target.ifPresentOrElse(
        found ->
            layer.put(
                found.key(),
                found.path(),
                name.equals("REGISTRY_LOG_LEVEL") ? level(value) : value,
                new SettingOrigin.Variable(name)),
        () -> warnings.add(warning(name)));
  }

  /** Levels that only {@code registry:2} knows become our nearest one. */
  private static String level(String value) {
    return switch (value) {
      case "fatal", "panic" -> "error";
      case "warning" -> "warn";
      default -> value;
    };
  }

  private static String warning(String name) {
    if (name.equals("REGISTRY_PROXY_TTL")) {
      return name
          + " is ignored: nothing expires by age here, cache.maxSize (BREAKWATER_CACHE_MAX_SIZE)"
          + " bounds the cache and what is used least makes room";
    }
    return Quoted.escape(name) + " is ignored: it means nothing to Breakwater";
  }

  private static Map<String, Target> targets(String remote) {
    return Map.of(
        "REGISTRY_PROXY_REMOTEURL", Target.of(ConfigKeys.UPSTREAM_URL, remote),
        "REGISTRY_PROXY_USERNAME", Target.of(ConfigKeys.ACCOUNT_USERNAME, remote, "[0]"),
        "REGISTRY_PROXY_PASSWORD", Target.of(ConfigKeys.ACCOUNT_PASSWORD, remote, "[0]"),
        "REGISTRY_HTTP_ADDR", Target.of(ConfigKeys.LISTENER_ADDRESS, "[0]"),
        "REGISTRY_HTTP_DEBUG_ADDR", Target.of(ConfigKeys.ADMIN_ADDRESS),
        "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", Target.of(ConfigKeys.DATA_DIRECTORY),
        "REGISTRY_LOG_LEVEL", Target.of(ConfigKeys.LOG_LEVEL));
  }

  /** The key that a variable of theirs sets. */
  private record Target(ConfigKey<?> key, KeyPath path) {
    static Target of(ConfigKey<?> key, String... holes) {
      return new Target(key, key.at(holes));
    }
  }
}
