package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The {@code REGISTRY_*} variables with which people run {@code registry:2} as a mirror, so that
 * changing the image's name is enough. Weaker than Breakwater's own variables. One that means
 * nothing here is a warning, not an error: a working deployment must not stop for it. The registry
 * that they are about is that of {@link RemoteRegistry}.
 *
 * @param layer what was understood
 * @param warnings one line for each variable that was not
 */
record RegistryVariables(Layer layer, List<String> warnings) {
  private static final String PREFIX = "REGISTRY_";
  private static final Set<String> LOGIN =
      Set.of("REGISTRY_PROXY_USERNAME", "REGISTRY_PROXY_PASSWORD");

  /**
   * Reads them.
   *
   * @param known what all other sources say
   * @param problems takes the errors
   */
  static RegistryVariables read(
      Map<String, String> environment, Settings known, Problems problems) {
    RegistryVariables result = new RegistryVariables(new Layer(), new ArrayList<>());
    String url = environment.getOrDefault(RemoteRegistry.VARIABLE, "");
    Optional<RemoteRegistry> remote =
        url.isEmpty() ? Optional.empty() : RemoteRegistry.read(url, known, problems);
    remote.ifPresent(result::add);
    // With an address that is none, the login is that of no upstream.
    Optional<ZoneName> upstream =
        url.isEmpty()
            ? Optional.of(known.get(ConfigKeys.DEFAULT_UPSTREAM))
            : remote.map(RemoteRegistry::upstream);
    Map<String, Target> targets = targets(upstream);
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              if (isTheirs(name, value) && (upstream.isPresent() || !LOGIN.contains(name))) {
                result.add(name, value, Optional.ofNullable(targets.get(name)));
              }
            });
    return result;
  }

  private static boolean isTheirs(String name, String value) {
    return name.startsWith(PREFIX)
        && !name.equals(RemoteRegistry.VARIABLE)
        && !value.isEmpty()
        && !ServiceLinks.contains(name, value);
  }

  private void add(RemoteRegistry remote) {
    String name = remote.upstream().value();
    SettingOrigin origin = new SettingOrigin.Variable(RemoteRegistry.VARIABLE);
    layer.put(ConfigKeys.DEFAULT_UPSTREAM, ConfigKeys.DEFAULT_UPSTREAM.at(), name, origin);
    remote
        .url()
        .ifPresent(url -> layer.put(UpstreamKeys.URL, UpstreamKeys.URL.at(name), url, origin));
    remote.warning().ifPresent(warnings::add);
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
          + " is ignored: content that is not used expires after cache.maxIdle"
          + " (BREAKWATER_CACHE_MAX_IDLE, 30d by default), and cache.maxSize"
          + " (BREAKWATER_CACHE_MAX_SIZE) bounds the cache";
    }
    return Quoted.escape(name) + " is ignored: it means nothing to Breakwater";
  }

  private static Map<String, Target> targets(Optional<ZoneName> upstream) {
    Map<String, Target> targets = new HashMap<>();
    targets.put("REGISTRY_HTTP_ADDR", Target.of(ListenerKeys.ADDRESS, "[0]"));
    targets.put("REGISTRY_HTTP_DEBUG_ADDR", Target.of(ConfigKeys.ADMIN_ADDRESS));
    targets.put("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", Target.of(ConfigKeys.DATA_DIRECTORY));
    targets.put("REGISTRY_LOG_LEVEL", Target.of(ConfigKeys.LOG_LEVEL));
    upstream
        .map(ZoneName::value)
        .ifPresent(
            name -> {
              targets.put(
                  "REGISTRY_PROXY_USERNAME", Target.of(UpstreamKeys.ACCOUNT_USERNAME, name, "[0]"));
              targets.put(
                  "REGISTRY_PROXY_PASSWORD", Target.of(UpstreamKeys.ACCOUNT_PASSWORD, name, "[0]"));
            });
    return targets;
  }

  /** The key that a variable of theirs sets. */
  private record Target(ConfigKey<?> key, KeyPath path) {
    static Target of(ConfigKey<?> key, String... holes) {
      return new Target(key, key.at(holes));
    }
  }
}
